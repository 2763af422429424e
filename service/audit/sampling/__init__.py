"""A sample for labelling: which rows, and how probable each was to be drawn."""

from tocsin.service.audit.sampling.answers import write_answers
from tocsin.service.audit.sampling.design import DesignRecord, design_digest, read_design, write_design
from tocsin.service.audit.sampling.plan import SamplePlan
from tocsin.service.audit.sampling.sample import Sampled, SampledRow, draw_sample, read_sample
from tocsin.service.audit.sampling.texts import texts_of
from tocsin.service.audit.sampling.writing import SampleFormat, sample_path, write_sample

__all__ = [
    "DesignRecord",
    "SampleFormat",
    "SamplePlan",
    "Sampled",
    "SampledRow",
    "design_digest",
    "draw_sample",
    "read_design",
    "read_sample",
    "sample_path",
    "texts_of",
    "write_answers",
    "write_design",
    "write_sample",
]
