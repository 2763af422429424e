"""A Ray cluster as an audit's engine: scorers wherever it has processors, fed by this machine."""

from tocsin.service.audit.ray.engine import RayEngine
from tocsin.service.audit.ray.shipped import shipped

__all__ = ["RayEngine", "shipped"]
