"""ScaNN: a tree of clusters over anisotropic codes that f32 re-ranks. It has no ef: as many leaves as ef / 4 are scored."""
import os

import numpy
import scann


class Engine:
    batches = True

    def __init__(self, order):
        self.order = order

    def build(self, base, threads):
        leaves = int(2 * len(base) ** 0.5)
        builder = scann.scann_ops_pybind.builder(base, 10, "dot_product").set_n_training_threads(threads)
        tree = builder.tree(num_leaves=leaves, num_leaves_to_search=leaves // 10, training_sample_size=min(len(base), 250_000))
        self.index = tree.score_ah(2, anisotropic_quantization_threshold=0.2).reorder(100).build()

    def save(self, path):
        os.makedirs(path, exist_ok=True)
        self.index.serialize(path)

    def open(self, path):
        self.index = scann.scann_ops_pybind.load_searcher(path)

    def widen(self, ef, k, threads):
        self.leaves, self.reordered = max(1, ef // 4), max(ef, 2 * k)

    def ask(self, queries, k):
        if len(queries) == 1:
            return [self.index.search(queries[0], k, self.reordered, self.leaves)[0]]
        return self.index.search_batched(queries, k, self.reordered, self.leaves)[0]
