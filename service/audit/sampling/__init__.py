"""A sample for labelling: which rows, and how probable each was to be drawn."""

from tocsin.service.audit.sampling.design import DesignRecord, read_design, write_design
from tocsin.service.audit.sampling.plan import SamplePlan
from tocsin.service.audit.sampling.sample import Sampled, SampledRow, draw_sample
from tocsin.service.audit.sampling.texts import texts_of
from tocsin.service.audit.sampling.writing import SampleFormat, sample_path, write_sample

__all__ = [
    "DesignRecord",
    "SampleFormat",
    "SamplePlan",
    "Sampled",
    "SampledRow",
    "draw_sample",
    "read_design",
    "sample_path",
    "texts_of",
    "write_design",
    "write_sample",
]
