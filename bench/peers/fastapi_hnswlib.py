"""The usual way to serve a vector search: FastAPI on uvicorn (uvloop, httptools) over hnswlib.

It gets the same vectors, queries, k, ef and graph parameters as the product, and less to do: a query is named by its number, so
nothing is encoded, and the answer is keys and scores only.

    python fastapi_hnswlib.py build          writes the index
    uvicorn fastapi_hnswlib:app --workers N  serves it

Settings come from the environment, set by bench/peers/fastapi-hnswlib.ts.
"""

import os

import hnswlib
import numpy

DIMENSIONS = int(os.environ["BENCH_DIMENSIONS"])
INDEX = os.environ["BENCH_INDEX"]
EF = int(os.environ["BENCH_EF"])


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


if __name__ == "__main__":
    build()
else:
    from fastapi import FastAPI
    from pydantic import BaseModel

    queries = numpy.fromfile(os.environ["BENCH_QUERIES"], dtype="<f4").reshape(-1, DIMENSIONS)
    index = hnswlib.Index(space="ip", dim=DIMENSIONS)
    index.load_index(INDEX)
    index.set_ef(EF)
    app = FastAPI()

    class Search(BaseModel):
        query: int
        k: int

    # async: on the event loop itself, which is faster for a search of this length than the thread pool of a plain function
    @app.post("/search")
    async def search(body: Search) -> dict:
        keys, distances = index.knn_query(queries[body.query], k=body.k, num_threads=1)
        return {"keys": keys[0].tolist(), "scores": (1 - distances[0]).tolist()}
