-- Texts for parents: what is listed, and which version.
begin;
set search_path = enroll, public, pg_temp;
set client_min_messages = warning;
select no_plan();

select is((select code from content_list('r', 'guide')), 'ok', 'a kind without texts has an empty list');
select is((select answer -> 'items' from content_list('r', 'guide')), '[]'::jsonb, 'which is a list');
select is((select code from content_list('r', 'news')), 'not_found', 'there are three kinds');
select is((select code from content_read('r', 'guide', 'x', null)), 'not_found', 'a text that is none');
select is(consent_version(), null, 'nobody can consent to what is not published');

select is(to_jsonb(p), jsonb_build_object('code', 'ok', 'version', to_char(now() at time zone 'Asia/Shanghai', 'YYYY-MM-DD'), 'is_new', true),
  'the first version is the day') from operator_content_publish('consent', 'child', '同意书', '一', '<p>一</p>') p;
select is(p.is_new, false, 'the same again is none') from operator_content_publish('consent', 'child', '同意书', '一', '<p>一</p>') p;
select ok(p.is_new and p.version like '%.2', 'a change on the same day is numbered') from operator_content_publish('consent', 'child', '同意书', '二', '<p>二</p>') p;
select ok(p.is_new and p.version like '%.3', 'and so is the way back') from operator_content_publish('consent', 'child', '同意书', '一', '<p>一</p>') p;
select is((select answer ->> 'html' from content_read('r', 'consent', 'child', null)), '<p>一</p>', 'the newest is read');
select is((select answer ->> 'html' from content_read('r', 'consent', 'child', to_char(now() at time zone 'Asia/Shanghai', 'YYYY-MM-DD') || '.2')), '<p>二</p>',
  'and an older one, where it is named');
select is((select code from content_read('r', 'consent', 'child', '1999-01-01')), 'not_found', 'but none that never was');
select is((select answer -> 'items' -> 0 ->> 'version' from content_list('r', 'consent')), consent_version(), 'and listed, and consented to');
select is((select count(*)::int from content), 3, 'what was consented to before is still there');

select * from finish();
rollback;
