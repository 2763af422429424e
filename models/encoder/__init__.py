"""The encoder: a transformer that reads what it is given, word by word, on a CPU and without torch."""

from tocsin.models.encoder.encoder import Encoder, EncoderReading
from tocsin.models.encoder.occlusion import Occlusion, occlusion
from tocsin.models.encoder.session import Session
from tocsin.models.encoder.windows import Window, Windows

__all__ = ["Encoder", "EncoderReading", "Occlusion", "Session", "Window", "Windows", "occlusion"]
