"""OpenAI's moderations format."""

from tocsin.service.api.openai.categories import moderation_policies
from tocsin.service.api.openai.face import OpenAIFace

__all__ = ["OpenAIFace", "moderation_policies"]
