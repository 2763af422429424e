"""The recipe "cascade": a screen distilled from a bundle's encoder, and what may be cleared by it."""

from tocsin.training.cascade.config import CascadeConfig
from tocsin.training.cascade.recipe import CascadeRun, train_cascade

__all__ = ["CascadeConfig", "CascadeRun", "train_cascade"]
