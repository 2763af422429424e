"""The peer of the load bench: what one writes first around a scorer, and nothing more.

    uvicorn --app-dir bench naive_service:app

One endpoint for each of FastAPI's two habits: `def` is run in a thread of its pool, `async def` in the
event loop. Both read a body, score one text a request and return its assessment.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

import tocsin

__all__ = ["Post", "app"]

app = FastAPI()
scorer = tocsin.load()


class Post(BaseModel):
    """One text to judge."""

    text: str


@app.post("/assess-in-a-thread")
def assess_in_a_thread(post: Post) -> dict[str, Any]:
    """Judge one text in a thread of the pool."""
    return scorer.assess([post.text])[0].to_dict()


@app.post("/assess-in-the-loop")
async def assess_in_the_loop(post: Post) -> dict[str, Any]:
    """Judge one text in the event loop."""
    return scorer.assess([post.text])[0].to_dict()
