/** Machine pools, benches and partners of the sample plant. */

export interface Resource {
  code: string
  name: string
  /** Run and set-up time against the pool's reference machine. */
  factor: number
}

export interface Pool {
  /** From small to large work pieces. */
  machines: readonly Resource[]
  /** Older or makeshift places: alternatives, and the planner's slips. */
  spare: readonly Resource[]
  /** Largest size in mm for the machines up to the same place; the last one takes the rest. */
  sizeMm: readonly number[]
  /** Queue in minutes before a step on this pool. */
  queue: number
}

const bands = [35, 50, 65, 80, 105, 140, 190, 240, 300]
const pool = (prefix: string, name: string, numbers: readonly string[], spare: readonly string[], queue: number): Pool => {
  const machine = (number: string, i: number): Resource => ({
    code: `${prefix}${number}`,
    name: `${name} ${number.replace(/^0/, '')}호기`,
    factor: 1 + 0.07 * (((i * 7 + prefix.length) % 5) - 2),
  })
  return {
    machines: numbers.map(machine),
    spare: spare.map((number) => ({
      code: `${prefix}${number}`,
      name: number === 'W' ? `${name} 대기` : `${name} ${number} (구형)`,
      factor: 1.35,
    })),
    sizeMm:
      numbers.length < 2
        ? []
        : Array.from({ length: numbers.length - 1 }, (_, i) => bands[Math.floor(((i + 1) * bands.length) / numbers.length)]),
    queue,
  }
}

export const pools = {
  SAW: pool('SAW-', '톱기계', ['01', '02'], ['03'], 120),
  CNC: pool('CNC-', 'CNC선반', ['01', '02', '03', '04', '05', '06', '07', '08', '09', '11'], ['W', '00'], 480),
  VTL: pool('VTL-', '수직선반', ['01', '02'], ['00'], 720),
  LTH: pool('LTH-', '범용선반', ['01', '02', '03'], ['00'], 240),
  CBN: pool('CBN-', '카본선반', ['01', '02', '03', '04'], ['00'], 240),
  MTM: pool('MTM-', '복합가공기', ['01', '03', '04'], ['02'], 480),
  MCT: pool('MCT-', '머시닝센터', ['01', '02', '03', '04', '05'], ['00'], 480),
  MIL: pool('MIL-', '밀링', ['01', '02', '03'], ['00'], 240),
  WCT: pool('WCT-', '와이어컷', ['01', '02'], ['00'], 720),
  LSR: pool('LSR-', '레이저가공기', ['01'], ['00'], 960),
  GRD: pool('GRD-', '연삭기', ['01', '02', '03', '04'], ['00'], 360),
  LAP: pool('LAP-', '랩핑기', ['01', '02', '03', '04', '05', '06'], ['00'], 360),
  POL: pool('POL-', '폴리싱기', ['01', '02'], ['00'], 180),
  HT: pool('HT-', '진공열처리로', ['01'], ['00'], 960),
  WLD: pool('WLD-', '용접부스', ['01', '02', '03', '04'], ['00'], 240),
  BLW: pool('BLW-', '벨로우즈 용접기', ['01', '02', '03'], ['00'], 480),
  PRS: pool('PRS-', '프레스', ['01', '02'], ['00'], 240),
  SPR: pool('SPR-', '스프링 성형기', ['01', '02'], ['00'], 240),
  FIN: pool('FIN-WC', '사상', ['1', '2'], ['9'], 120),
  CLN: pool('CLN-WC', '세척', ['1'], ['2'], 60),
  ASY: pool('ASY-WC', '조립', ['1A', '1B', '2A', '3A'], ['9Z'], 0),
  SYS: pool('SYS-WC', '시스템조립', ['1', '2'], ['3'], 0),
  PCK: pool('PCK-WC', '포장', ['1', '2'], ['3'], 0),
  INS: pool('INS-WC', '검사', ['1', '2', '3'], ['9'], 60),
} as const satisfies Record<string, Pool>
export type PoolName = keyof typeof pools

export interface Partner {
  code: string
  name: string
  /** Days until the goods are back. */
  leadDays: number
  /** Price in won for a piece of 80 mm. */
  price: number
  resource: Resource
}

const partner = (code: string, name: string, leadDays: number, price: number, resource: string): Partner => ({
  code,
  name,
  leadDays,
  price,
  resource: { code: resource, name, factor: 1 },
})

/** Partners by trade; the first takes the small parts, the second the large ones. */
export const partners = {
  heat: [partner('V1021', '새길열처리(주)', 5, 9000, 'OUT-HT1'), partner('V1044', '단아열처리', 7, 12000, 'OUT-HT2')],
  coating: [partner('V1130', '누리용사코팅(주)', 10, 65000, 'OUT-CT1'), partner('V1131', '가온표면기술', 12, 88000, 'OUT-CT2')],
  paint: [partner('V1205', '해솔분체도장', 4, 7000, 'OUT-PT1'), partner('V1206', '다온도장산업', 6, 11000, 'OUT-PT2')],
  pickling: [partner('V1310', '맑은산세공업', 3, 15000, 'OUT-PK1'), partner('V1311', '정결표면처리', 4, 21000, 'OUT-PK2')],
  xray: [partner('V1402', '한빛비파괴검사(주)', 3, 48000, 'OUT-RT1'), partner('V1403', '온새미검사기술', 4, 60000, 'OUT-RT2')],
  forming: [partner('V1512', '미르성형(주)', 14, 54000, 'OUT-FM1'), partner('V1513', '두레판금', 12, 43000, 'OUT-FM2')],
  machining: [partner('V1601', '가람정밀', 9, 38000, 'OUT-MC1'), partner('V1604', '나래기공(주)', 11, 46000, 'OUT-MC2')],
  moulding: [partner('V1711', '푸른고무공업', 15, 3500, 'OUT-RB1'), partner('V1712', '참실링(주)', 18, 5200, 'OUT-RB2')],
} as const satisfies Record<string, readonly [Partner, Partner]>
export type Trade = keyof typeof partners

/** The machine that the rules take for a size in mm. */
export function usualMachine(pool: Pool, sizeMm: number): Resource {
  let i = 0
  while (i < pool.sizeMm.length && sizeMm > pool.sizeMm[i]) i++
  return pool.machines[i]
}
