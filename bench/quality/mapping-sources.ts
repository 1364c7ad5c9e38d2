/** Which files of the real data each mapping reads. Paths are below the data folder, beside the repository. */
import { join } from 'node:path'

export const mappingFolder = join(import.meta.dir, 'mappings')
export const dataFolder = join(import.meta.dir, '../../../shared/data')

/** Mapping → sources that it must read. */
export const sourceOf: Record<string, string[]> = {
  capp: ['capp/training.json', 'capp'],
  adventureworks: ['adventureworks/adventureworks_production_v2010.accdb', 'adventureworks/adventureworks_production_jet4_20k.mdb'],
  'adventureworks-korean': [
    'adventureworks/adventureworks_production_v2010.accdb',
    'adventureworks/adventureworks_production_jet4_20k.mdb',
  ],
  'adventureworks-parquet': ['adventureworks/parquet'],
  optimoldiq: ['optimoldiq', 'optimoldiq/docs/v3/demo/output_format/DataPipelineOrchestrator'],
  'optimoldiq-xlsx': ['optimoldiq', 'optimoldiq/tests/mock_database/staticDatabase'],
  fabricad: ['fabricad', 'fabricad/data/1_raw'],
  smt2020: ['smt2020', 'smt2020/datasets/SMT2020_LVHM'],
}
