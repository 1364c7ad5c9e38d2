"""hnswlib, inner product on f32."""
import hnswlib


class Engine:
    batches = True

    def __init__(self, order):
        self.order = order
        self.index = hnswlib.Index(space="ip", dim=order["dimensions"])

    def build(self, base, threads):
        m, ef = self.order["connectivity"], self.order["expansionAdd"]
        self.index.init_index(max_elements=len(base), M=m, ef_construction=ef, random_seed=1)
        self.index.add_items(base, num_threads=threads)

    def save(self, path):
        self.index.save_index(path)

    def open(self, path):
        self.index.load_index(path)

    def widen(self, ef, k, threads):
        self.index.set_ef(ef)
        self.index.set_num_threads(threads)

    def ask(self, queries, k):
        return self.index.knn_query(queries, k=k)[0]
