/*
 * The application's pages as a table: which fields stand on which page, in the contract's words. Drawing and
 * reading a field is one pair of functions a kind in apply_fields.js; nothing here knows an element.
 */
import { ADULT_RELATIONS, CHILD_RELATIONS, ETHNICITIES, OWNER_RELATIONS } from './codes.js';

/* GB/T 2261.3, in its own words. */
const HEALTH = [
  ['良好', '良好'],
  ['一般', '一般或较弱'],
  ['有慢性病', '有慢性病'],
  ['残疾', '有残疾'],
];

/* The kind of paper is asked, not guessed from its number. */
const CERTIFICATES = [
  ['real_estate', '不动产权证'],
  ['old_certificate', '房产证或房地权证（旧的）'],
  ['contract', '购房合同'],
  ['other', '其他'],
];

/* Whether a field is asked; undefined while the answer that decides it is still owed. */
const isElsewhere = (values) => values.same_as_household !== true;
const isOwned = (values) => (values.kind ? ['own', 'grandparents', 'self_built'].indexOf(values.kind) >= 0 : undefined);

export const SECTIONS = [
  {
    key: 'student',
    title: '学生',
    fields: [
      { name: 'ethnicity', label: '民族', kind: 'select', options: ETHNICITIES },
      { name: 'nationality', label: '国籍', kind: 'text', preset: '中国' },
      { name: 'birthplace', label: '出生地', kind: 'text', hint: '省、市、县，例如：广东省梅州市梅江区' },
      { name: 'health', label: '健康状况', kind: 'choice', options: HEALTH, hint: '如实填写，不影响录取，学校好照顾孩子' },
      { name: 'former_name', label: '曾用名', kind: 'name', hint: '没有就不用填', isOptional: true },
    ],
  },
  {
    key: 'household',
    title: '户籍',
    fields: [
      {
        name: 'kind',
        label: '户口簿类型',
        kind: 'choice',
        options: [
          ['家庭户', '家庭户'],
          ['集体户', '集体户'],
        ],
        hint: '户口簿首页“户别”',
      },
      { name: 'head_name', label: '户主姓名', kind: 'name' },
      {
        name: 'relation_to_head',
        label: '孩子是户主的',
        kind: 'select',
        options: CHILD_RELATIONS,
        hint: '户口簿孩子那一页“与户主关系”',
      },
      { name: 'address', label: '户籍地址', kind: 'long', hint: '和户口簿首页“住址”一样' },
      {
        name: 'moved_in_on',
        label: '迁入日期',
        kind: 'date',
        hint: '户口簿孩子那一页“何时由何地迁来本址”；出生就在这里，填出生日期',
      },
    ],
  },
  {
    key: 'residence',
    title: '居住',
    fields: [
      {
        name: 'same_as_household',
        label: '孩子就住在户籍地址吗',
        kind: 'boolean',
        options: [
          ['true', '是，住在户籍地址'],
          ['false', '不是，住在别处'],
        ],
      },
      { name: 'address', label: '现在的住址', kind: 'long', hint: '街道、路名、门牌、楼栋、房号', when: isElsewhere },
      {
        name: 'kind',
        label: '住的是什么房',
        kind: 'choice',
        options: [
          ['own', '自家的房（父母或孩子名下）'],
          ['grandparents', '祖父母或外祖父母的房'],
          ['self_built', '自建房'],
          ['public_rental', '公租房'],
          ['rental', '租的房'],
          ['other', '其他'],
        ],
      },
      {
        name: 'certificate_kind',
        label: '有哪种房产证明',
        kind: 'choice',
        options: CERTIFICATES,
        when: isOwned,
        isOptional: true,
      },
      {
        name: 'certificate_no',
        label: '证号',
        kind: 'text',
        hint: '照证上的写，例如：粤（2021）梅州市不动产权第0012345号',
        when: isOwned,
        isOptional: true,
      },
      { name: 'owner_name', label: '产权人姓名', kind: 'name', when: isOwned, isOptional: true },
      {
        name: 'owner_relation',
        label: '产权人是孩子的',
        kind: 'select',
        options: OWNER_RELATIONS,
        when: isOwned,
        isOptional: true,
      },
      { name: 'since', label: '从什么时候住在这里', kind: 'date', hint: '记不清就不用填', isOptional: true },
    ],
  },
  {
    key: 'guardians',
    title: '监护人',
    fields: [],
    entry: [
      { name: 'relation', label: '是孩子的', kind: 'select', options: ADULT_RELATIONS },
      { name: 'name', label: '姓名', kind: 'name' },
      { name: 'id_no', label: '身份证件号码', kind: 'id' },
      { name: 'phone', label: '手机号', kind: 'phone' },
    ],
  },
  {
    key: 'wishes',
    title: '志愿',
    fields: [
      { name: 'schools', label: '想上的学校', kind: 'schools' },
      {
        name: 'accept_arrangement',
        label: '这些学校满了，服从教育局统筹安排吗',
        kind: 'boolean',
        options: [
          ['true', '服从'],
          ['false', '不服从'],
        ],
      },
      { name: 'together_with', label: '和谁安排在同一所学校', kind: 'siblings', isOptional: true },
    ],
  },
];

export const PAGES = SECTIONS.map((section) => section.key).concat('check');

/** fieldsOf(section, values): the fields that stand on the page with these values. */
export function fieldsOf(section, values) {
  return section.fields.filter((field) => !field.when || field.when(values));
}

/** answersOf(section, values): what is sent: nothing that is asked no more, but what a licence gave before it is asked. */
export function answersOf(section, values) {
  return Object.fromEntries(
    section.fields
      .filter((field) => values[field.name] !== undefined && (!field.when || field.when(values) !== false))
      .map((field) => [field.name, values[field.name]]),
  );
}
