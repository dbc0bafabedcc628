/*
 * enrollctl check, the machine itself: keys and secrets, the site's certificate, the nightly dumps, the disk.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "conf.h"
#include "enrollctl.h"
#include "enrollctl_check.h"
#include "enrollctl_script.h"

enum { KEY_BYTES = 32, DUMP_LIMIT_H = 50, HOUR_S = 3600, DISK_PERCENT = 10 };

/* Is ${name} in ${folder} a usable key file? Others must not be able to read it. */
static bool
check_key_file(const char *folder, const char *name)
{
	const char *path = arena_printf(operator_request()->arena, "%s/%s", folder, name);
	struct stat st;

	if (path == NULL || stat(path, &st) != 0 || st.st_size != KEY_BYTES) {
		check_finding("从备份恢复这个文件；不要新建同名密钥，否则旧数据打不开。", "密钥 %s/%s 读不到或不是 %d 字节。",
		    folder, name, KEY_BYTES);
		return false;
	}
	if ((st.st_mode & 07) != 0) {
		check_finding("运行 chmod o-rwx 密钥文件。", "密钥 %s 对所有用户可读。", path);
		return false;
	}
	return access(path, R_OK) == 0;
}

static void
check_key_class(const char *folder, const char *class)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;
	size_t length = strlen(class);
	bool is_found = false;

	while (directory != NULL && (entry = readdir(directory)) != NULL)
		if (strncmp(entry->d_name, class, length) == 0 && entry->d_name[length] == '.' &&
		    strchr(entry->d_name + length + 1, '.') == NULL && check_key_file(folder, entry->d_name))
			is_found = true;
	if (directory != NULL)
		(void)closedir(directory);
	if (!is_found)
		check_finding(
		    "请用有权限的用户运行本命令；如果是第一次安装，请先生成密钥。", "没有可读的密钥 %s/%s.*。", folder, class);
}

void
check_keys(void)
{
	static const char *const classes[] = { "identity", "contact", "license", "index", "token", "receipt" };
	struct arena *arena = operator_request()->arena;
	const char *path = arena_printf(arena, "%s/receipt.1.pub", conf_text("keys_dir"));

	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		check_key_class(conf_text("keys_dir"), classes[i]);
	if (path == NULL || access(path, R_OK) != 0)
		check_finding("生成方法见 conf/README.md（Key files）；没有它，enrollctl receipt verify 不能验证授权回执。",
		    "没有可读的回执公钥 %s/receipt.1.pub。", conf_text("keys_dir"));
}

/* Does whoever may log in here read what only root and systemd should? */
void
check_secrets(void)
{
	static const char *const names[] = { "wechat_secret_file", "space_token_file", "license_app_secret_file",
		"license_password_file" };
	struct stat st;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *path = conf_text(names[i]);

		if (path[0] != '\0' && stat(path, &st) == 0 && (st.st_mode & 07) != 0)
			check_finding("运行 chmod o-rwx 这个文件；别人可能已经看过，请向对方换一个新的。",
			    "%s 对所有用户可读：%s", names[i], path);
	}
}

/* What "enrollctl tls check" finds; it says so itself. */
void
check_certificate(void)
{
	int status;

	if (strncmp(conf_text("public_url"), "https://", 8) != 0)
		return;
	status = script_ask("tls", "check");
	if (status == 127 || status < 0)
		check_finding(
		    "检查配置项 scripts_dir，或重新安装软件包。", "无法检查证书：%s/tls 运行不了。", conf_text("scripts_dir"));
	else if (status != 0)
		check_found();
}

/* When the newest dump in ${folder} was made; 0 if there is none, -1 if nobody lets us look. */
static time_t
newest_dump(const char *folder)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;
	time_t newest = 0;
	struct stat st;

	if (directory == NULL)
		return -1;
	while ((entry = readdir(directory)) != NULL) {
		const char *path = arena_printf(operator_request()->arena, "%s/%s", folder, entry->d_name);
		size_t length = strlen(entry->d_name);

		if (length > 4 && strcmp(entry->d_name + length - 4, ".cms") == 0 && path != NULL && stat(path, &st) == 0 &&
		    st.st_size > 0 && st.st_mtime > newest)
			newest = st.st_mtime;
	}
	(void)closedir(directory);
	return newest;
}

/* A real district has a dump of last night. */
void
check_dumps(void)
{
	static const char remedy[] = "运行 systemctl start enroll-backup；失败时看 journalctl -u enroll-backup -n 20";
	const char *folder = conf_text("dump_dir");
	time_t newest, age_h;

	if (!conf_is_production())
		return;
	newest = newest_dump(folder);
	age_h = (time(NULL) - newest) / HOUR_S;
	if (newest < 0)
		check_finding("用 root 运行本命令。", "读不到备份文件夹 %s。", folder);
	else if (newest == 0)
		check_finding(remedy, "还没有一份数据库备份：%s", folder);
	else if (age_h >= DUMP_LIMIT_H)
		check_finding(remedy, "最近一份数据库备份是 %lld 小时前的：%s", (long long)age_h, folder);
}

void
check_disk(void)
{
	struct statvfs disk;

	if (statvfs("/var", &disk) == 0 && disk.f_blocks > 0 && disk.f_bavail * 100 / disk.f_blocks < DISK_PERCENT)
		check_finding("运行 du -xh /var | sort -h | tail 找出占用最多的目录。", "磁盘 /var 只剩 %lu%%。",
		    (unsigned long)(disk.f_bavail * 100 / disk.f_blocks));
}
