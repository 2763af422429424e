"""OpenAI's moderations format."""

from tocsin.service.api.openai.face import OpenAIFace

__all__ = ["OpenAIFace"]
