/*
 * Some commands do with files and other programs (openssl, nginx, systemctl, psql) what a shell says best: they are scripts in
 * scripts_dir, of the noun's name. What they ask of the configuration they ask here: enrollctl conf KEY.
 */
#include "enrollctl_script.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "enrollctl.h"

enum { PATH_SIZE = 512, WORDS_MAX = 32 };

static const struct {
	const char *noun, *arguments, *purpose;
} scripts[] = {
	{ "setup", "[答案文件]", "安装后的设置：问答，或读答案文件；可以重复运行" },
	{ "site", "", "按配置文件重写网站页面和 nginx 配置，并让它生效" },
	{ "tls", "install 证书链.pem 私钥.pem | back | check", "换证书、换回上一张、检查到期" },
	{ "walk", "", "用一个编造的家庭把报名走一遍，再删除" },
	{ "maintenance", "on [--until 时间] [--reason 说明] | off | status", "打开或关闭维护页面" },
};

enum { N_SCRIPTS = sizeof scripts / sizeof *scripts };

void
script_usage(void)
{
	for (size_t i = 0; i < N_SCRIPTS; i++)
		(void)fprintf(stderr, "  %s %s\n      %s\n", scripts[i].noun, scripts[i].arguments, scripts[i].purpose);
}

/* SCRIPT SELF CONFIG WORD…: the script in this program's place. */
static int
become(const char *noun, const char *config, int argc, char **argv)
{
	char self[PATH_SIZE], path[PATH_SIZE], configuration[PATH_SIZE];
	char *words[WORDS_MAX + 4] = { path, self, configuration };
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);

	if (length <= 0 || argc > WORDS_MAX ||
	    snprintf(configuration, sizeof configuration, "%s", config) >= (int)sizeof configuration ||
	    snprintf(path, sizeof path, "%s/%s", conf_text("scripts_dir"), noun) >= (int)sizeof path)
		return operator_fail("参数太多，或配置文件、配置项 scripts_dir 的路径太长。");
	self[length] = '\0';
	for (int i = 0; i < argc; i++)
		words[i + 3] = argv[i];
	(void)execv(path, words);
	return operator_fail("运行不了 %s。请检查配置项 scripts_dir，或重新安装软件包。", path);
}

int
script_run(const char *config, int argc, char **argv)
{
	for (size_t i = 0; i < N_SCRIPTS; i++) {
		if (strcmp(argv[0], scripts[i].noun) != 0)
			continue;
		/* Setting up begins without a configuration. */
		if (access(config, F_OK) == 0 && !conf_open(config))
			return operator_fail("配置文件 %s 有误；原因见上面的日志行。", config);
		return become(scripts[i].noun, config, argc - 1, argv + 1);
	}
	return EXIT_USAGE;
}

/* "enrollctl conf KEY": what a key is set to, or its default. */
int
conf_command(int argc, char **argv)
{
	if (argc != 1)
		return EXIT_USAGE;
	operator_say("%s", conf_text(argv[0]));
	return EXIT_DONE;
}
