/** Table and column names of the sample plant, in the order of the ERP's views (the trade's usual names). */

export const ITEM_TABLE = 'BI_ITEM_INFO_VIEW'
export const ROUTING_TABLE = 'BI_ROUTING_VIEW'
export const RESULT_TABLE = 'BI_WORK_ORDER_RESULTS'

export const itemColumns = [
  'ITEM_CD',
  'PART_TYPE',
  'PartNm',
  'ITEM_SUFFIX',
  'ITEM_SPEC',
  'ITEM_NM',
  'ADDITIONAL_SPEC',
  'ITEM_MATERIAL',
  'MATERIAL_DESC',
  'ITEM_ACCT',
  'ITEM_TYPE',
  'ITEM_UNIT',
  'ITEM_GRP1',
  'ITEM_GRP1NM',
  'STANDARD_YN',
  'GROUP1',
  'GROUP2',
  'GROUP3',
  'DRAW_NO',
  'DRAW_REV',
  'DRAW_SHEET_NO',
  'DRAW_USE',
  'ITEM_NM_ENG',
  'OUTDIAMETER',
  'INDIAMETER',
  'OUTTHICKNESS',
  'OUTDIAMETER_UNIT',
  'ROTATE_CLOCKWISE',
  'ROTATE_CTRCLOCKWISE',
  'SealTypeGrup',
  'IN_SEALTYPE_CD',
  'IN_SEALSIZE',
  'IN_SEALSIZE_UOM',
  'MID_SEALTYPE_CD',
  'MID_SEALSIZE',
  'MID_SEALSIZE_UOM',
  'OUT_SEALTYPE_CD',
  'OUT_SEALSIZE',
  'OUT_SEALSIZE_UOM',
  'RAW_MATL_KIND',
  'RAW_MATL_KINDNM',
] as const
export type ItemColumn = (typeof itemColumns)[number]

/** Item columns that hold numbers; all others hold text. */
export const itemNumberColumns: ReadonlySet<string> = new Set<ItemColumn>([
  'OUTDIAMETER',
  'INDIAMETER',
  'OUTTHICKNESS',
  'ROTATE_CLOCKWISE',
  'ROTATE_CTRCLOCKWISE',
  'IN_SEALSIZE',
  'MID_SEALSIZE',
  'OUT_SEALSIZE',
])

export const routingColumns = [
  'ROUT_NO',
  'ITEM_CD',
  'ITEM_NM',
  'PROC_SEQ',
  'INSRT_DT',
  'INSIDE_FLAG',
  'JOB_CD',
  'JOB_NM',
  'RES_CD',
  'RES_DIS',
  'TIME_UNIT',
  'MFG_LT',
  'QUEUE_TIME',
  'SETUP_TIME',
  'RUN_TIME',
  'WAIT_TIME',
  'MOVE_TIME',
  'ACT_SETUP_TIME',
  'ACT_RUN_TIME',
  'MACH_WORKED_HOURS',
  'RUN_TIME_QTY',
  'RUN_TIME_UNIT',
  'BATCH_OPER',
  'BP_CD',
  'CUST_NM',
  'CUR_CD',
  'SUBCONTRACT_PRC',
  'TAX_TYPE',
  'MILESTONE_FLG',
  'INSP_FLG',
  'ROUT_ORDER',
  'VALID_FROM_DT',
  'VALID_TO_DT',
  'REMARK',
  'ROUT_DOC',
  'NC_PROGRAM',
  'NC_PROGRAM_WRITER',
  'NC_WRITER_NM',
  'NC_WRITE_DATE',
  'NC_REVIEWER',
  'NC_REVIEWER_NM',
  'NC_REVIEW_DT',
  'RAW_MATL_SIZE',
  'JAW_SIZE',
  'VALIDITY',
  'PROGRAM_REMARK',
  'OP_DRAW_NO',
  'ROUT_SIZE',
  'MTMG_NUMB',
] as const
export type RoutingColumn = (typeof routingColumns)[number]
export const routingNumberColumns: ReadonlySet<string> = new Set<RoutingColumn>([
  'PROC_SEQ',
  'MFG_LT',
  'QUEUE_TIME',
  'SETUP_TIME',
  'RUN_TIME',
  'WAIT_TIME',
  'MOVE_TIME',
  'ACT_SETUP_TIME',
  'ACT_RUN_TIME',
  'MACH_WORKED_HOURS',
  'RUN_TIME_QTY',
  'SUBCONTRACT_PRC',
])

export const resultColumns = [
  'ITEM_CD',
  'PROC_SEQ',
  'RES_CD',
  'RES_DIS',
  'JOB_CD',
  'CD_NM',
  'REPORT_DT',
  'MACH_WORKED_HOURS',
  'SETUP_HOURS',
  'ORDER_QTY',
  'BAD_QTY',
  'ROUT_NO',
] as const
export type ResultColumn = (typeof resultColumns)[number]
export const resultNumberColumns: ReadonlySet<string> = new Set<ResultColumn>([
  'PROC_SEQ',
  'MACH_WORKED_HOURS',
  'SETUP_HOURS',
  'ORDER_QTY',
  'BAD_QTY',
])

/** '' and null both mean missing and both occur. */
export type Cell = string | number | null
export type Attributes = Record<ItemColumn, Cell>

/** The tables by name, each with its columns and which of them hold numbers. */
export const sampleTables = [
  { name: ITEM_TABLE, columns: itemColumns, numbers: itemNumberColumns },
  { name: ROUTING_TABLE, columns: routingColumns, numbers: routingNumberColumns },
  { name: RESULT_TABLE, columns: resultColumns, numbers: resultNumberColumns },
] as const
export type SampleTableName = (typeof sampleTables)[number]['name']
