/** The operations of the sample plant: code, name, where they run, and how long a reference piece of 80 mm in 316 takes. */
import type { PoolName, Trade } from './resource'

export interface Operation {
  code: string
  name: string
  pool: PoolName
  /** Minutes per lot and per piece. */
  setup: number
  run: number
  /** Run time grows with (size / 80 mm) to this power. */
  growth: number
  /** Run time grows with the material's machining effort. */
  cutting: boolean
  inspection: boolean
  milestone: boolean
  batch: boolean
  /** Minutes after the step. */
  wait: number
  move: number
  /** Who does it outside. */
  trade: Trade | null
  /** Larger than this in mm goes outside; 0 = always, Infinity = never. */
  insideMaxMm: number
}

type Options = Partial<Pick<Operation, 'trade' | 'insideMaxMm' | 'wait' | 'move' | 'batch' | 'milestone'>>
const operation = (
  code: string,
  name: string,
  pool: PoolName,
  setup: number,
  run: number,
  growth: number,
  options: Options = {},
): Operation => ({
  code,
  name,
  pool,
  setup,
  run,
  growth,
  cutting: 'ABCDE'.includes(code[0]),
  inspection: code[0] === 'Q',
  milestone: 'QFX'.includes(code[0]),
  batch: false,
  wait: 'QF'.includes(code[0]) ? 200 : 120,
  move: 'QF'.includes(code[0]) ? 200 : 60,
  trade: null,
  insideMaxMm: Number.POSITIVE_INFINITY,
  ...options,
})

const always = { insideMaxMm: 0 }
const bench = { batch: true }
const list = [
  operation('A00-1', '소재절단', 'SAW', 10, 6, 1.1),
  operation('A01-2', 'CNC 황삭(1차)', 'CNC', 45, 22, 0.9),
  operation('A01-3', 'CNC 황삭(2차)', 'CNC', 35, 16, 0.9),
  operation('A02-1', 'CNC 정삭(1차)', 'CNC', 50, 26, 0.85),
  operation('A02-2', 'CNC 정삭(2차)', 'CNC', 40, 18, 0.85),
  operation('A03-1', 'CNC 테이퍼가공', 'CNC', 40, 14, 0.7),
  operation('A05-1', '대형선반 황삭', 'VTL', 90, 34, 0.9),
  operation('A05-2', '대형선반 정삭', 'VTL', 90, 38, 0.85),
  operation('A06-1', '카본선삭', 'CBN', 25, 9, 0.7),
  operation('A07-1', '범용선반 가공', 'LTH', 25, 20, 0.8),
  operation('B01-1', 'MCT 정면가공(1면)', 'MCT', 60, 24, 0.6),
  operation('B01-2', 'MCT 정면가공(2면)', 'MCT', 85, 41, 0.6),
  operation('B02-1', 'MCT 측면직각가공(1면)', 'MCT', 55, 17, 0.5),
  operation('B02-2', 'MCT 측면직각가공(2면)', 'MCT', 70, 29, 0.5),
  operation('B03-1', 'MCT 측면경사가공(1면)', 'MCT', 75, 23, 0.5),
  operation('B03-2', 'MCT 측면경사가공(2면)', 'MCT', 95, 38, 0.5),
  operation('B05-1', '드릴/탭', 'MIL', 30, 11, 0.4),
  operation('B06-1', '핀홀가공', 'MIL', 25, 7, 0.2),
  operation('B07-1', '키홈가공', 'MIL', 35, 13, 0.3),
  operation('B08-1', '드라이브홈 가공', 'MIL', 35, 15, 0.4),
  operation('C10-1', '복합가공(1차)', 'MTM', 60, 18, 0.8),
  operation('C10-2', '복합가공(2차)', 'MTM', 45, 14, 0.8),
  operation('C10-3', '복합가공(3차)', 'MTM', 45, 12, 0.7),
  operation('D01-1', '외경연삭', 'GRD', 30, 14, 0.8),
  operation('D01-2', '내경연삭', 'GRD', 35, 16, 0.8),
  operation('D02-1', '평면연삭', 'GRD', 25, 10, 1),
  operation('D03-1', '센터리스연삭', 'GRD', 30, 3, 0.5),
  operation('E01-1', '랩핑(황)', 'LAP', 15, 12, 1.2),
  operation('E01-2', '랩핑(정)', 'LAP', 15, 15, 1.2),
  operation('E02-1', '폴리싱', 'POL', 10, 8, 1.1),
  operation('E03-1', '와이어컷', 'WCT', 40, 35, 0.6),
  operation('E05-1', '레이저 그루브가공', 'LSR', 60, 28, 0.9),
  operation('G01-1', 'TIG용접', 'WLD', 30, 45, 0.5),
  operation('G02-1', '코일용접', 'WLD', 40, 70, 0.3),
  operation('G03-1', '벨로우즈 적층', 'BLW', 20, 30, 0.7),
  operation('G03-2', '벨로우즈 용접', 'BLW', 45, 80, 0.9),
  operation('G04-1', '산세/부동태', 'CLN', 20, 25, 0.4, { trade: 'pickling', insideMaxMm: 110 }),
  operation('H01-1', '고용화열처리', 'HT', 30, 12, 0.6, { trade: 'heat', insideMaxMm: 120 }),
  operation('H01-2', '담금질/뜨임', 'HT', 30, 15, 0.6, { trade: 'heat', ...always }),
  operation('H02-1', '시효처리', 'HT', 30, 20, 0.5, { trade: 'heat', insideMaxMm: 160 }),
  operation('J01-1', 'HVOF 용사코팅', 'FIN', 0, 30, 0.9, { trade: 'coating', ...always }),
  operation('J01-2', '경질크롬도금', 'FIN', 0, 25, 0.9, { trade: 'coating', ...always }),
  operation('J02-1', '분체도장', 'FIN', 0, 12, 0.7, { trade: 'paint', ...always }),
  operation('J04-1', '스텔라이트 육성', 'WLD', 40, 35, 0.9),
  operation('K01-1', '열박음', 'ASY', 15, 10, 0.5),
  operation('K02-1', '제관', 'PRS', 40, 60, 0.4),
  operation('K03-1', '경판성형', 'PRS', 30, 20, 0.4, { trade: 'forming', ...always }),
  operation('K04-1', '타발', 'PRS', 30, 1, 0.3),
  operation('K05-1', '스프링성형', 'SPR', 35, 2, 0.4),
  operation('K06-1', '고무성형', 'PRS', 0, 5, 0.6, { trade: 'moulding', ...always }),
  operation('K07-1', '코일벤딩', 'PRS', 40, 30, 0.3),
  operation('F05-1', '분해', 'ASY', 10, 25, 0.4, bench),
  operation('F10-1', '디버링', 'FIN', 5, 8, 0.5),
  operation('F11-1', '세척', 'CLN', 5, 3, 0.3, bench),
  operation('F12-1', '마킹', 'FIN', 10, 2, 0.1),
  operation('F20-1', '부품포장', 'PCK', 0, 2, 0.2, bench),
  operation('F20-2', '키트포장', 'PCK', 0, 5, 0.2, bench),
  operation('F20-3', '완제품포장', 'ASY', 0, 4, 0.2, bench),
  operation('F21-1', '목상자포장', 'PCK', 10, 25, 0.3, bench),
  operation('F30-1', '자재불출', 'PCK', 0, 6, 0.1, bench),
  operation('F40-1', '누설시험', 'ASY', 0, 16, 0.4, bench),
  operation('F41-1', '수압시험', 'SYS', 20, 35, 0.3, bench),
  operation('F42-1', '운전시험', 'SYS', 60, 90, 0.3, bench),
  operation('F61-1', '조립', 'ASY', 0, 38, 0.5, bench),
  operation('F61-2', '서브조립', 'ASY', 0, 22, 0.5, bench),
  operation('F61-3', '벨로우즈 조립', 'ASY', 0, 18, 0.5, bench),
  operation('F61-4', '부속조립', 'SYS', 20, 75, 0.2, bench),
  operation('F62-2', '핀 압입', 'ASY', 5, 4, 0.1),
  operation('F63-2', '배플 조립', 'ASY', 10, 14, 0.4),
  operation('Q10-1', '입고검사', 'INS', 0, 5, 0.3),
  operation('Q10-2', '검수', 'INS', 0, 4, 0.1),
  operation('Q15-1', '분해검사', 'INS', 0, 20, 0.3),
  operation('Q20-1', '공정검사', 'INS', 0, 6, 0.3),
  operation('Q20-2', '치수검사', 'INS', 5, 8, 0.4),
  operation('Q21-1', '평탄도검사', 'INS', 0, 5, 0.5),
  operation('Q22-1', '침투탐상(PT)', 'INS', 10, 18, 0.4),
  operation('Q23-1', '방사선투과(RT)', 'INS', 0, 30, 0.4, { trade: 'xray', ...always }),
  operation('Q30-1', '조립검사', 'INS', 0, 15, 0.3, { wait: 300, move: 300 }),
  operation('Q30-2', '최종검사(입회)', 'INS', 10, 30, 0.3, { wait: 300, move: 300 }),
  operation('Q40-1', '재질검사(PMI)', 'INS', 5, 6, 0.2),
  operation('X10-1', '외주임가공', 'CNC', 0, 60, 0.8, { trade: 'machining', ...always }),
]

export const operations: ReadonlyMap<string, Operation> = new Map(list.map((entry) => [entry.code, entry]))
