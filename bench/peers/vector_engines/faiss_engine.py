"""faiss: HNSW over f32, f16, 8-bit scalars, or RaBitQ codes that f32 re-ranks."""
import faiss


class Engine:
    batches = True

    def __init__(self, order):
        self.order = order
        self.refined = order["kind"] == "rabitq"
        self.parameters = None

    def build(self, base, threads):
        dimensions, m = self.order["dimensions"], self.order["connectivity"]
        product = faiss.METRIC_INNER_PRODUCT
        if self.order["kind"] == "f32":
            graph = faiss.IndexHNSWFlat(dimensions, m, product)
        elif self.order["kind"] == "f16":
            graph = faiss.IndexHNSWSQ(dimensions, faiss.ScalarQuantizer.QT_fp16, m, product)
        elif self.order["kind"] == "sq8":
            graph = faiss.IndexHNSWSQ(dimensions, faiss.ScalarQuantizer.QT_8bit, m, product)
        else:
            graph = faiss.IndexHNSWRaBitQ(dimensions, m)
        graph.hnsw.efConstruction = self.order["expansionAdd"]
        self.index = faiss.IndexRefineFlat(graph) if self.refined else graph
        faiss.omp_set_num_threads(threads)
        self.index.train(base)
        self.index.add(base)

    def save(self, path):
        faiss.write_index(self.index, path)

    def open(self, path):
        self.index = faiss.read_index(path)

    def widen(self, ef, k, threads):
        faiss.omp_set_num_threads(threads)
        if self.refined:
            # the whole pool of the graph is re-ranked: one bit a dimension tells little more
            self.index.k_factor = ef / k
            faiss.downcast_index(self.index.base_index).hnsw.efSearch = ef
        else:
            self.index.hnsw.efSearch = ef

    def allow(self, bits):
        """From here on only vectors whose bit is set are found; of the graph that is not refined."""
        self.bits = bits
        selector = faiss.IDSelectorBitmap(bits)
        self.parameters = faiss.SearchParametersHNSW(efSearch=self.index.hnsw.efSearch, sel=selector)

    def ask(self, queries, k):
        return self.index.search(queries, k, params=self.parameters)[1]
