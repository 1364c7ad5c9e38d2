"""The usual way to serve a vector search: FastAPI on uvicorn (uvloop, httptools) over hnswlib, written as its documentation shows.

It does what the product's `POST /api/v1/search` does: reads a bearer key, a vector as a list of numbers (or as base64 of little-endian
f32, at another address), searches, and answers keys, scores, the first item of each vector, how many items have it, and where the answer
comes from. Less than the product in this: the key is compared in memory, no access log, no figures, no limits but those of the schema.

    python fastapi_hnswlib.py build          writes the index
    python fastapi_hnswlib.py find EF ...    prints what is found for the first queries at each ef, as JSON: {"EF": [[key, ...], ...]}
    uvicorn fastapi_hnswlib:app --workers N  serves it

Settings come from the environment, set by bench/peers/fastapi-hnswlib.ts.
"""

import json
import os
import secrets
import sys
import time

import hnswlib
import numpy

DIMENSIONS = int(os.environ["BENCH_DIMENSIONS"])
INDEX = os.environ["BENCH_INDEX"]


def build() -> None:
    vectors = numpy.memmap(os.environ["BENCH_VECTORS"], dtype="<f4", mode="r").reshape(-1, DIMENSIONS)
    index = hnswlib.Index(space="ip", dim=DIMENSIONS)
    index.init_index(
        max_elements=len(vectors),
        M=int(os.environ["BENCH_CONNECTIVITY"]),
        ef_construction=int(os.environ["BENCH_EXPANSION_ADD"]),
        random_seed=1,
    )
    index.add_items(vectors)
    index.save_index(INDEX)


def open_index() -> hnswlib.Index:
    index = hnswlib.Index(space="ip", dim=DIMENSIONS)
    index.load_index(INDEX)
    return index


def find(efs: list[int]) -> None:
    queries = numpy.fromfile(os.environ["BENCH_QUERIES"], dtype="<f4").reshape(-1, DIMENSIONS)[: int(os.environ["BENCH_FIRST"])]
    index = open_index()
    found = {}
    for ef in efs:
        index.set_ef(ef)
        keys, _ = index.knn_query(queries, k=min(int(os.environ["BENCH_K"]), index.element_count))
        found[str(ef)] = keys.tolist()
    print(json.dumps(found))


if __name__ == "__main__":
    if sys.argv[1] == "build":
        build()
    else:
        find([int(ef) for ef in sys.argv[2:]])
else:
    from typing import Annotated

    from fastapi import Depends, FastAPI, HTTPException
    from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
    from pydantic import Base64Bytes, BaseModel, Field

    EF = int(os.environ["BENCH_EF"])
    KEY = os.environ["BENCH_KEY"]
    with open(os.environ["BENCH_ITEMS"], encoding="utf-8") as file:
        ITEMS = json.load(file)
    index = open_index()
    index.set_ef(EF)
    app = FastAPI()
    bearer = HTTPBearer()

    class Search(BaseModel):
        vector: list[float] = Field(max_length=16_384)
        k: int = Field(default=50, ge=1, le=1000)

    class Base64Search(BaseModel):
        vector: Base64Bytes
        k: int = Field(default=50, ge=1, le=1000)

    class Timings(BaseModel):
        search: float
        total: float

    class Found(BaseModel):
        keys: list[int]
        scores: list[float]
        items: list[str]
        itemCounts: list[int]
        version: str
        efSearch: int
        timingsMs: Timings

    async def asker(credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> str:
        if not secrets.compare_digest(credentials.credentials, KEY):
            raise HTTPException(status_code=401)
        return "bench"

    Asker = Annotated[str, Depends(asker)]

    def found(vector: numpy.ndarray, k: int) -> Found:
        started = time.perf_counter()
        if len(vector) != DIMENSIONS:
            raise HTTPException(status_code=422)
        labels, distances = index.knn_query(vector, k=k, num_threads=1)
        searched = time.perf_counter()
        keys = labels[0].tolist()
        return Found(
            keys=keys,
            scores=(1 - distances[0]).tolist(),
            items=[ITEMS["items"][key] for key in keys],
            itemCounts=[ITEMS["counts"][key] for key in keys],
            version="1",
            efSearch=EF,
            timingsMs=Timings(search=(searched - started) * 1000, total=(time.perf_counter() - started) * 1000),
        )

    # async: on the event loop itself, which is faster for a search of this length than the thread pool of a plain function
    @app.post("/search")
    async def search(body: Search, asker: Asker) -> Found:
        return found(numpy.array(body.vector, dtype=numpy.float32), body.k)

    @app.post("/search/base64")
    async def search_base64(body: Base64Search, asker: Asker) -> Found:
        return found(numpy.frombuffer(body.vector, dtype="<f4"), body.k)
