"""Bodies of the TEI face, for the documentation page."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, RootModel

from tocsin.signals import Signal

__all__ = ["InfoResponse", "PredictRequest", "PredictResponse", "TeiFault"]

_Single = Annotated[list[str], Field(min_length=1, max_length=1)]


class PredictRequest(BaseModel):
    """What to judge."""

    inputs: str | Annotated[list[_Single], Field(min_length=1)] = Field(
        description='One text, or a batch [["…"], ["…"]] of single texts; pairs are refused.'
    )
    raw_scores: bool = Field(default=False, description="Log-odds instead of probabilities.")
    truncate: bool = Field(default=False, description="Judge the start of a text that is too long.")
    truncation_direction: Literal["right", "Right", "left", "Left"] = Field(
        default="right", description="Where a text is cut: right, its end. Left is refused with truncate."
    )


class Prediction(BaseModel):
    """One signal of one text."""

    label: Signal = Field(description="The signal.")
    score: float = Field(description="Its calibrated probability, or log-odds.")


class PredictResponse(RootModel[list[Prediction] | list[list[Prediction]]]):
    """Labels by descending score; for a batch, a list of them for each text."""


class ClassifierBody(BaseModel):
    """The labels."""

    id2label: dict[str, Signal] = Field(description="Label at each place.")
    label2id: dict[Signal, int] = Field(description="Place of each label.")


class ModelTypeBody(BaseModel):
    """What kind of model is served."""

    classifier: ClassifierBody = Field(description="A classifier, always.")


class InfoResponse(BaseModel):
    """The bundle and the server's limits; lengths are in code points, where the format says tokens."""

    model_id: str = Field(description="Name of the bundle.")
    model_sha: str = Field(description="SHA-256 over all of its files.")
    model_dtype: str = Field(description="Type of the screen's weights.")
    served_model_name: str = Field(description="Name and version of the bundle.")
    model_type: ModelTypeBody = Field(description="Its labels.")
    max_concurrent_requests: int = Field(description="Requests that one worker answers at a time.")
    max_input_length: int = Field(description="Longest text that is judged, in code points.")
    max_batch_tokens: int = Field(description="Code points that are scored together.")
    max_client_batch_size: int = Field(description="Most texts in one request.")
    auto_truncate: bool = Field(description="Whether texts are cut unasked: never.")
    tokenization_workers: int = Field(description="Processes that read texts.")
    version: str = Field(description="Version of tocsin.")


class TeiFault(BaseModel):
    """An error."""

    error: str = Field(description="The rule, then what broke it; no text is quoted.")
    error_type: Literal["Validation", "Backend", "Overloaded", "Unhealthy"] = Field(
        description="Whose fault it is: the request's, the model's, the load's, or the server's."
    )
