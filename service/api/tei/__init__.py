"""The format of text-embeddings-inference."""

from tocsin.service.api.tei.face import TeiFace

__all__ = ["TeiFace"]
