/** How the sample plant's tables are read: the input mapping that is written beside the data. */
import type { Feature, Mapping } from '../../contract/mapping'
import { ITEM_TABLE, type ItemColumn, RESULT_TABLE, type ResultColumn, ROUTING_TABLE, type RoutingColumn } from './columns'
import { sampleStandardRoutings } from './standard-routing'

type Labels = [ko: string, en: string]
const label = ([ko, en]: Labels) => ({ ko, en })
/** A number that is no size: 0 and the sentinel mean that nobody knows. */
const unknown = [0, 9999]

const size = (column: ItemColumn, labels: Labels, weight: number, unitColumn: ItemColumn): Feature => ({
  kind: 'number',
  column,
  label: label(labels),
  weight,
  unit: 'mm',
  unitColumn,
  unknown,
  scale: 'log',
})
const category = (column: ItemColumn, labels: Labels, weight: number): Feature => ({
  kind: 'category',
  column,
  label: label(labels),
  weight,
})
const code = (column: ItemColumn, labels: Labels, weight: number): Feature => ({ kind: 'code', column, label: label(labels), weight })
const text = (column: ItemColumn, labels: Labels, weight: number): Feature => ({ kind: 'text', column, label: label(labels), weight })

/** Prior weights of the trade. Columns that are always empty (DRAW_USE, ITEM_NM_ENG) and the key are left out. */
const features: Feature[] = [
  { ...category('PART_TYPE', ['품목유형', 'Part type'], 2.2), required: true },
  category('PartNm', ['품목유형명', 'Part name'], 0.4),
  category('ITEM_SUFFIX', ['품번 접미사', 'Suffix'], 0.3),
  { ...text('ITEM_SPEC', ['규격', 'Specification'], 1.1), unknown: ['0'] },
  text('ITEM_NM', ['품명', 'Item name'], 0.4),
  { ...text('ADDITIONAL_SPEC', ['추가규격', 'Additional specification'], 0.4), unknown: ['0'] },
  category('ITEM_MATERIAL', ['재질코드', 'Material code'], 2),
  category('MATERIAL_DESC', ['재질', 'Material'], 0.7),
  category('ITEM_ACCT', ['품목계정', 'Item account'], 0.6),
  category('ITEM_TYPE', ['조달구분', 'Item type'], 2.2),
  category('ITEM_UNIT', ['단위', 'Unit'], 0.6),
  category('ITEM_GRP1', ['품목그룹', 'Item group'], 1.5),
  category('ITEM_GRP1NM', ['품목그룹명', 'Item group name'], 0.7),
  category('STANDARD_YN', ['표준여부', 'Standard'], 1.5),
  code('GROUP1', ['분류1', 'Group 1'], 1.6),
  code('GROUP2', ['분류2', 'Group 2'], 1.5),
  category('GROUP3', ['분류3', 'Group 3'], 1),
  code('DRAW_NO', ['도면번호', 'Drawing'], 0.8),
  category('DRAW_REV', ['도면 개정', 'Drawing revision'], 0.7),
  category('DRAW_SHEET_NO', ['도면 시트', 'Drawing sheet'], 0.3),
  size('OUTDIAMETER', ['외경', 'Outside diameter'], 2.5, 'OUTDIAMETER_UNIT'),
  size('INDIAMETER', ['내경', 'Inside diameter'], 2.5, 'OUTDIAMETER_UNIT'),
  size('OUTTHICKNESS', ['두께', 'Thickness'], 2.2, 'OUTDIAMETER_UNIT'),
  category('OUTDIAMETER_UNIT', ['외경 단위', 'Diameter unit'], 1),
  category('ROTATE_CLOCKWISE', ['시계방향 회전', 'Clockwise'], 1.3),
  category('ROTATE_CTRCLOCKWISE', ['반시계방향 회전', 'Counter-clockwise'], 1.3),
  category('SealTypeGrup', ['씰타입 그룹', 'Seal type group'], 3),
  category('IN_SEALTYPE_CD', ['내측 씰타입', 'Inner seal type'], 2.5),
  size('IN_SEALSIZE', ['내측 씰사이즈', 'Inner seal size'], 1.8, 'IN_SEALSIZE_UOM'),
  category('IN_SEALSIZE_UOM', ['내측 씰사이즈 단위', 'Inner seal size unit'], 0.6),
  category('MID_SEALTYPE_CD', ['중간 씰타입', 'Middle seal type'], 2.5),
  size('MID_SEALSIZE', ['중간 씰사이즈', 'Middle seal size'], 1.8, 'MID_SEALSIZE_UOM'),
  category('MID_SEALSIZE_UOM', ['중간 씰사이즈 단위', 'Middle seal size unit'], 0.6),
  category('OUT_SEALTYPE_CD', ['외측 씰타입', 'Outer seal type'], 2.5),
  size('OUT_SEALSIZE', ['외측 씰사이즈', 'Outer seal size'], 1.8, 'OUT_SEALSIZE_UOM'),
  category('OUT_SEALSIZE_UOM', ['외측 씰사이즈 단위', 'Outer seal size unit'], 0.6),
  category('RAW_MATL_KIND', ['원소재 종류', 'Raw material kind'], 2.3),
  category('RAW_MATL_KINDNM', ['원소재 종류명', 'Raw material name'], 0.7),
]

const minutes = (column: RoutingColumn) => ({ column, unit: 'min' as const })
const item: RoutingColumn & ResultColumn & ItemColumn = 'ITEM_CD'

/** The mapping of the sample plant. Valid against the contract; a value, shared by all. */
export const sampleMapping: Mapping = {
  name: 'sample-plant',
  description: 'Mechanical seals: item master, routing view and work results, named as the ERP names them.',
  items: { table: ITEM_TABLE, key: item, title: 'ITEM_NM', family: 'PART_TYPE' },
  features,
  routings: {
    form: 'rows',
    table: ROUTING_TABLE,
    item,
    routing: 'ROUT_NO',
    grouping: 'variants',
    sequence: 'PROC_SEQ',
    operation: 'JOB_CD',
    operationName: 'JOB_NM',
    resource: 'RES_CD',
    resourceName: 'RES_DIS',
    inside: { column: 'INSIDE_FLAG', inside: ['사내'] },
    batch: { column: 'BATCH_OPER', batch: ['B'] },
    partner: 'CUST_NM',
    leadTimeDays: 'MFG_LT',
    setup: minutes('SETUP_TIME'),
    run: { column: 'RUN_TIME', unit: 'min', per: 'RUN_TIME_QTY' },
    queue: minutes('QUEUE_TIME'),
    wait: minutes('WAIT_TIME'),
    move: minutes('MOVE_TIME'),
    actualSetup: minutes('ACT_SETUP_TIME'),
    actualRun: { column: 'ACT_RUN_TIME', unit: 'min', per: 'RUN_TIME_QTY' },
    validFrom: 'VALID_FROM_DT',
    validTo: 'VALID_TO_DT',
  },
  results: {
    table: RESULT_TABLE,
    item,
    routing: 'ROUT_NO',
    sequence: 'PROC_SEQ',
    operation: 'JOB_CD',
    resource: 'RES_CD',
    run: { column: 'MACH_WORKED_HOURS', unit: 'h', per: 'ORDER_QTY' },
    setup: { column: 'SETUP_HOURS', unit: 'h' },
    reportedAt: 'REPORT_DT',
  },
  standardRoutings: sampleStandardRoutings,
}
