-- license_failure: how the e-license system says no: HTTP 200 with ack_code FAILURE.
create function sandbox.license_failure(p_code text, p_message text) returns text
language plpgsql immutable set search_path = sandbox, pg_temp as $$
begin
  return json_build_object('ack_code', 'FAILURE', 'errors',
    json_build_array(json_build_object('code', p_code, 'message', p_message)))::text;
end $$;
