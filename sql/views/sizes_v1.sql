-- enroll_report.sizes_v1: how large each table is, with its indexes, and what that makes for 10,000 families.
create view enroll_report.sizes_v1 as
with families as (
  select count(*) as n from enroll.guardian),
tables as (
  select c.relname, obj_description(c.oid, 'pg_class') as purpose, greatest(c.reltuples, 0)::bigint as n_rows,
    pg_table_size(c.oid) as table_bytes, pg_indexes_size(c.oid) as index_bytes
    from pg_class c where c.relnamespace = 'enroll'::regnamespace and c.relkind in ('r', 'p'))
select t.relname::text as table_name, t.purpose, t.n_rows as row_estimate,
  round(t.table_bytes / 1048576.0, 1) as table_mib, round((t.table_bytes + t.index_bytes) / 1048576.0, 1) as total_mib,
  round((t.table_bytes + t.index_bytes) * 10000.0 / nullif(f.n, 0) / 1048576, 1) as mib_per_10000_families
  from tables t cross join families f;
comment on view enroll_report.sizes_v1 is '各表占用的空间，以及按现有户数折算的每万户空间；户数少于几千时折算偏大';
comment on column enroll_report.sizes_v1.table_name is '表名（模式 enroll）';
comment on column enroll_report.sizes_v1.purpose is '表的说明';
comment on column enroll_report.sizes_v1.row_estimate is '行数估计值，来自最近一次 ANALYZE';
comment on column enroll_report.sizes_v1.table_mib is '表数据大小（MiB，含 TOAST）';
comment on column enroll_report.sizes_v1.total_mib is '连同索引的大小（MiB）';
comment on column enroll_report.sizes_v1.mib_per_10000_families is '每万户占用的空间（MiB，含索引）；还没有家庭时为空';
grant select on enroll_report.sizes_v1 to enroll_report;
