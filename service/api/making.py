"""The parts of a worker, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.service.api.native import NativeFace
from tocsin.service.api.openai import OpenAIFace
from tocsin.service.api.perspective import PerspectiveFace
from tocsin.service.api.probes import ProbesFace
from tocsin.service.api.service import RequestObserver, Service
from tocsin.service.api.tei import TeiFace
from tocsin.service.scoring import Engine, EngineLimits, Memory, Observer
from tocsin.service.shadow import make_shadow
from tocsin.service.watching import Metrics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.models import Scorer
    from tocsin.service.api.face import Face
    from tocsin.service.api.settings import ServeSettings
    from tocsin.service.feedback import FeedbackBox
    from tocsin.service.keys import KeyRing, Limiter
    from tocsin.service.review.office import Office
    from tocsin.service.scan import Assessor

__all__ = ["make_faces", "make_service"]


def make_service(
    settings: ServeSettings,
    scorer: Scorer,
    *,
    keys: KeyRing | None,
    limiter: Limiter,
    requests: Sequence[RequestObserver] = (),
    batches: Sequence[Observer] = (),
    assessor: Assessor | None = None,
    feedback: FeedbackBox | None = None,
    review: Office | None = None,
) -> Service:
    """Return a service over `scorer`; `requests` and `batches` are told of what happens, as are metrics.

    `assessor` judges in the scorer's place, which tests use.
    """
    metrics = Metrics(scorer)
    shadow = make_shadow(settings, scorer, metrics.exposition)
    shadows = () if shadow is None else (shadow,)
    limits = EngineLimits(
        batch_items=settings.batch_items,
        waiting_items=settings.max_waiting,
        batch_wait_s=settings.batch_wait_ms / 1000,
    )
    engine = Engine(assessor or scorer, limits, Memory(settings.cache_entries), (metrics, *shadows, *batches))
    service = Service(
        settings,
        scorer,
        engine,
        keys,
        limiter,
        metrics,
        (metrics, *requests),
        feedback=feedback,
        shadow=shadow,
        review=review,
    )
    metrics.watch(service.load, engine)
    return service


def make_faces(service: Service) -> tuple[Face, ...]:
    """Return every face; the first one speaks where none is meant."""
    queue = () if service.review is None else _review_faces(service, service.review)
    return (
        NativeFace(service.scorer),
        PerspectiveFace(service),
        OpenAIFace(service.scorer, service.settings),
        TeiFace(service.scorer, service.settings),
        ProbesFace(),
        *queue,
    )


def _review_faces(service: Service, office: Office) -> tuple[Face, ...]:
    """Return what asks the review queue; the database library takes half a second to import."""
    from tocsin.service.api.review import ReviewFace

    faces: tuple[Face, ...] = (ReviewFace(office.desk),)
    settings = office.desk.context.settings
    if settings.console:
        from tocsin.service.api.console import ConsoleFace, House
        from tocsin.service.review.accounts.oidc.making import make_provider

        scorer, open_to_all = service.scorer, service.keys is None
        provider = None if open_to_all else make_provider(settings)
        house = House(scorer.policy, scorer.model, settings, open_to_all, provider)
        faces = (*faces, ConsoleFace(office.desk, house))
    return faces
