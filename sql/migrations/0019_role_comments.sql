-- What each role is for, for whoever asks \du+ or enroll_report.roles_v1.
do $$
declare
  r record;
begin
  for r in select * from (values
    ('owner', '拥有全部表和函数；不能登录'),
    ('register', '程序 register：注册账号'),
    ('session', '程序 session：登录、本人信息、修改密码和手机号'),
    ('wechat', '程序 wechat：微信登录'),
    ('recover', '程序 recover：找回密码、修改手机号、撤销'),
    ('bind', '程序 bind：学生和绑定学生信息'),
    ('license', '程序 license：电子证照授权'),
    ('enroll', '程序 enroll：招生季、学校、报名'),
    ('content', '程序 content：操作指南、政策文件、同意书、二维码'),
    ('courier', '程序 courier：发送消息、审计串链、定期清理'),
    ('operator', '运维命令 enrollctl'),
    ('report', '数据库管理员：只读 enroll_report 中的视图'),
    ('backup', '每晚备份：只读全部表（敏感数据是密文），另建库做恢复检查')) as purposes (name, purpose)
  loop
    execute format('comment on role enroll_%s is %L', r.name, r.purpose);
  end loop;
end $$;
