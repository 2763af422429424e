"""The recipe "encoder": a pretrained transformer, fine-tuned, exported to score without torch."""

from tocsin.training.encoder.config import EncoderConfig, read_config

__all__ = ["EncoderConfig", "read_config"]
