/** Started by ann-index.test.ts with ROUTEWRIGHT_KERNELS set: prints the path in use and the answers of a search. */
import { AnnIndex, IMAGE_FILE, INDEX_FILE, VECTORS_FILE } from '../../server/engine/ann-index'
import { engineRuntime } from '../../server/engine/cpu'
import { clusteredVectors } from './vectors'

const [folder, count, dimensions] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])]
const index = AnnIndex.open({
  imagePath: `${folder}/${IMAGE_FILE}`,
  indexPath: `${folder}/${INDEX_FILE}`,
  vectorsPath: `${folder}/${VECTORS_FILE}`,
  dimensions,
  count,
})
const { keys } = await index.searchBatch(clusteredVectors(60, 33, dimensions), { k: 5, ef: 48 })
console.log(JSON.stringify({ kernels: engineRuntime().kernels, keys: [...keys] }))
