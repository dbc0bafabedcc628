-- The district's side: schools and their catchments, what the applications hold, and what is published for reading.

set role enroll_owner;

-- Code lists of national standards. They are data, so that a DBA can join them; what is allowed stands in one place.
create table enroll.ethnicity (
  code text primary key check (code ~ '^[0-9]{2}$'),
  name text not null unique
);
comment on table enroll.ethnicity is '民族代码（GB/T 3304）';
comment on column enroll.ethnicity.code is '两位数字代码';
comment on column enroll.ethnicity.name is '民族名称';
insert into enroll.ethnicity (code, name) values
  ('01', '汉族'), ('02', '蒙古族'), ('03', '回族'), ('04', '藏族'), ('05', '维吾尔族'), ('06', '苗族'), ('07', '彝族'),
  ('08', '壮族'), ('09', '布依族'), ('10', '朝鲜族'), ('11', '满族'), ('12', '侗族'), ('13', '瑶族'), ('14', '白族'),
  ('15', '土家族'), ('16', '哈尼族'), ('17', '哈萨克族'), ('18', '傣族'), ('19', '黎族'), ('20', '傈僳族'), ('21', '佤族'),
  ('22', '畲族'), ('23', '高山族'), ('24', '拉祜族'), ('25', '水族'), ('26', '东乡族'), ('27', '纳西族'), ('28', '景颇族'),
  ('29', '柯尔克孜族'), ('30', '土族'), ('31', '达斡尔族'), ('32', '仫佬族'), ('33', '羌族'), ('34', '布朗族'), ('35', '撒拉族'),
  ('36', '毛南族'), ('37', '仡佬族'), ('38', '锡伯族'), ('39', '阿昌族'), ('40', '普米族'), ('41', '塔吉克族'), ('42', '怒族'),
  ('43', '乌孜别克族'), ('44', '俄罗斯族'), ('45', '鄂温克族'), ('46', '德昂族'), ('47', '保安族'), ('48', '裕固族'), ('49', '京族'),
  ('50', '塔塔尔族'), ('51', '独龙族'), ('52', '鄂伦春族'), ('53', '赫哲族'), ('54', '门巴族'), ('55', '珞巴族'), ('56', '基诺族'),
  ('97', '其他'), ('98', '外国血统中国籍人士');

create table enroll.relation (
  code text primary key check (code ~ '^[0-9]{2}$'),
  name text not null
);
comment on table enroll.relation is '家庭关系代码（GB/T 4761），与户主或与学生的关系';
comment on column enroll.relation.code is '两位数字代码';
comment on column enroll.relation.name is '关系名称';
insert into enroll.relation (code, name) values
  ('01', '本人'), ('02', '户主'), ('10', '配偶'), ('11', '夫'), ('12', '妻'),
  ('20', '子'), ('21', '独生子'), ('22', '长子'), ('23', '次子'), ('24', '三子'), ('25', '四子'), ('26', '五子'),
  ('27', '养子或继子'), ('28', '女婿'), ('29', '其他儿子'),
  ('30', '女'), ('31', '独生女'), ('32', '长女'), ('33', '次女'), ('34', '三女'), ('35', '四女'), ('36', '五女'),
  ('37', '养女或继女'), ('38', '儿媳'), ('39', '其他女儿'),
  ('40', '孙子、孙女或外孙子、外孙女'), ('41', '孙子'), ('42', '孙女'), ('43', '外孙子'), ('44', '外孙女'),
  ('45', '孙媳妇或外孙媳妇'), ('46', '孙女婿或外孙女婿'), ('47', '曾孙子或外曾孙子'), ('48', '曾孙女或外曾孙女'),
  ('49', '其他孙子、孙女或外孙子、外孙女'),
  ('50', '父母'), ('51', '父亲'), ('52', '母亲'), ('53', '公公'), ('54', '婆婆'), ('55', '岳父'), ('56', '岳母'),
  ('57', '继父或养父'), ('58', '继母或养母'), ('59', '其他父母关系'),
  ('60', '祖父母或外祖父母'), ('61', '祖父'), ('62', '祖母'), ('63', '外祖父'), ('64', '外祖母'), ('65', '配偶的祖父母或外祖父母'),
  ('66', '曾祖父'), ('67', '曾祖母'), ('68', '配偶的曾祖父母'), ('69', '其他祖父母或外祖父母关系'),
  ('70', '兄弟姐妹'), ('71', '兄'), ('72', '嫂'), ('73', '弟'), ('74', '弟媳'), ('75', '姐姐'), ('76', '姐夫'), ('77', '妹妹'),
  ('78', '妹夫'), ('79', '其他兄弟姐妹'),
  ('80', '其他'), ('81', '伯父'), ('82', '伯母'), ('83', '叔父'), ('84', '婶母'), ('85', '舅父'), ('86', '舅母'), ('87', '姨父'),
  ('88', '姨母'), ('89', '姑父'), ('90', '姑母'), ('91', '堂兄弟、堂姐妹'), ('92', '表兄弟、表姐妹'), ('93', '侄子'), ('94', '侄女'),
  ('95', '外甥'), ('96', '外甥女'), ('97', '其他亲属'), ('99', '非亲属');

create table enroll.school (
  id uuid primary key default gen_random_uuid(),
  year int not null references enroll.season,
  code text not null check (code <> ''),
  name text not null check (char_length(name) between 1 and 100),
  address text not null default '',
  phone text not null default '',
  is_offered boolean not null default true,
  unique (year, code)
);
comment on table enroll.school is '招生学校，每个招生季一份名单';
comment on column enroll.school.id is '编号，志愿按此填写';
comment on column enroll.school.year is '入学年份';
comment on column enroll.school.code is '学校代码，按文本保存，前导零不丢';
comment on column enroll.school.name is '学校名称';
comment on column enroll.school.address is '学校地址';
comment on column enroll.school.phone is '学校咨询电话';
comment on column enroll.school.is_offered is '是否在本季名单上；重新导入后不在名单上的学校保留但不再可选';

create table enroll.catchment (
  school_id uuid not null references enroll.school on delete cascade,
  place text not null check (char_length(place) between 2 and 100),
  primary key (school_id, place)
);
comment on table enroll.catchment is '学区：地址中出现该地名即属该校学区，地名越长越优先';
comment on column enroll.catchment.school_id is '学校编号';
comment on column enroll.catchment.place is '地名片段，如“金山街道东山社区”';

-- What the application (0001) still lacked: the school whose catchment the residence lies in.
alter table enroll.application add column catchment_school uuid references enroll.school;
comment on column enroll.application.catchment_school is '住址所属学区的学校；空表示学区未知';

create table enroll.application_section (
  application_id uuid not null references enroll.application on delete cascade,
  section text not null check (section in ('student', 'household', 'residence', 'guardians', 'wishes')),
  data jsonb not null,
  problems jsonb not null default '[]',
  version int not null,
  fingerprint bytea not null,
  saved_at timestamptz not null default now(),
  primary key (application_id, section)
);
comment on table enroll.application_section is '报名表的各部分，先保存后判断';
comment on column enroll.application_section.application_id is '报名编号';
comment on column enroll.application_section.section is '部分：student 学生，household 户籍，residence 住址，guardians 监护人，wishes 志愿';
comment on column enroll.application_section.data is '内容；监护人的证件号码和电话不在其中，见 application_guardian';
comment on column enroll.application_section.problems is '保存时发现的问题：字段和代码';
comment on column enroll.application_section.version is '保存后的报名版本';
comment on column enroll.application_section.fingerprint is '保存内容的 HMAC，识别同一次保存的重发';
comment on column enroll.application_section.saved_at is '保存时间';

create table enroll.application_guardian (
  id uuid primary key,
  application_id uuid not null references enroll.application on delete cascade,
  position int not null check (position between 1 and 2),
  is_holder boolean not null,
  id_no bytea,
  id_no_index bytea,
  id_no_mask text,
  id_no_problem text,
  phone bytea,
  phone_mask text,
  phone_problem text,
  unique (application_id, position),
  check (not is_holder or id_no is null)
);
comment on table enroll.application_guardian is '报名表中监护人的证件号码和电话；账号持有人只作引用，不另存号码';
comment on column enroll.application_guardian.id is '编号，密文按此封存';
comment on column enroll.application_guardian.application_id is '报名编号';
comment on column enroll.application_guardian.position is '顺序，1 或 2';
comment on column enroll.application_guardian.is_holder is '是否账号持有人本人（引用）';
comment on column enroll.application_guardian.id_no is '身份证件号码密文；引用时为空';
comment on column enroll.application_guardian.id_no_index is '身份证件号码盲索引';
comment on column enroll.application_guardian.id_no_mask is '身份证件号码掩码';
comment on column enroll.application_guardian.id_no_problem is '号码的问题代码；空表示正确';
comment on column enroll.application_guardian.phone is '电话密文；引用且未另填时为空，以账号手机号为准';
comment on column enroll.application_guardian.phone_mask is '电话掩码';
comment on column enroll.application_guardian.phone_problem is '电话的问题代码；空表示正确';

create table enroll.application_event (
  id bigint generated always as identity primary key,
  application_id uuid not null references enroll.application on delete cascade,
  at timestamptz not null default clock_timestamp(),
  kind text not null check (kind in ('started', 'submitted', 'withdrawn', 'returned', 'accepted', 'admitted', 'not_admitted',
    'student_taken')),
  reason text
);
create index application_event_history on enroll.application_event (application_id, id);
comment on table enroll.application_event is '报名的经过，家长可见';
comment on column enroll.application_event.id is '编号';
comment on column enroll.application_event.application_id is '报名编号';
comment on column enroll.application_event.at is '时间';
comment on column enroll.application_event.kind is '事件：started 开始填写，submitted 提交，withdrawn 撤回，returned 退回修改，accepted 审核通过，admitted 录取，not_admitted 未录取，student_taken 已由其他家长证明';
comment on column enroll.application_event.reason is '给家长的说明（如退回原因）';

-- A proof elsewhere, a review: whoever changes the state of an application, its history says so.
create function enroll.application_tell() returns trigger
language plpgsql security definer set search_path = enroll, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    insert into application_event (application_id, kind) values (new.id, 'started');
  elsif new.status <> old.status and new.status <> 'draft' then
    insert into application_event (application_id, kind) values (new.id, new.status);
  end if;
  return null;
end $$;
create trigger application_tell after insert or update of status on enroll.application
  for each row execute function enroll.application_tell();

create table enroll.content (
  kind text not null check (kind in ('guide', 'policy', 'consent')),
  slug text not null check (slug ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
  version text not null,
  title text not null check (char_length(title) between 1 and 100),
  source text not null,
  html text not null,
  published_at timestamptz not null default clock_timestamp(),
  primary key (kind, slug, version)
);
create index content_newest on enroll.content (kind, slug, published_at desc);
comment on table enroll.content is '发布的文字：系统操作指南、政策文件、同意书；旧版本保留';
comment on column enroll.content.kind is '类别：guide 系统操作指南，policy 政策文件，consent 同意书';
comment on column enroll.content.slug is '网址中的名称';
comment on column enroll.content.version is '版本：发布日期，同一天再次发布加序号';
comment on column enroll.content.title is '标题';
comment on column enroll.content.source is 'Markdown 原文';
comment on column enroll.content.html is '由原文生成的安全 HTML';
comment on column enroll.content.published_at is '发布时间';

-- A message may carry one thing that is not personal, such as a receipt number.
alter table enroll.outbox add column detail text;
comment on column enroll.outbox.detail is '正文里可变的非个人信息（如报名回执号）';

reset role;
