/*
 * Some commands do with files and other programs (openssl, nginx, systemctl, psql) what a shell says best: they are scripts in
 * scripts_dir, of the noun's name. What they ask of the configuration they ask here: enrollctl conf KEY.
 */
#include "enrollctl_script.h"

#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
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

/* The configuration's path, as script_run was told. */
static const char *config_path;

/* What a script is called with: SCRIPT SELF CONFIG WORD… */
struct call {
	char self[PATH_SIZE], path[PATH_SIZE], config[PATH_SIZE];
	char *words[WORDS_MAX + 4];
};

static bool
make_call(struct call *call, const char *noun, int argc, char **argv)
{
	ssize_t length = readlink("/proc/self/exe", call->self, sizeof call->self - 1);

	if (length <= 0 || argc > WORDS_MAX ||
	    snprintf(call->config, sizeof call->config, "%s", config_path) >= (int)sizeof call->config ||
	    snprintf(call->path, sizeof call->path, "%s/%s", conf_text("scripts_dir"), noun) >= (int)sizeof call->path)
		return false;
	call->self[length] = '\0';
	call->words[0] = call->path;
	call->words[1] = call->self;
	call->words[2] = call->config;
	for (int i = 0; i < argc; i++)
		call->words[i + 3] = argv[i];
	call->words[argc + 3] = NULL;
	return true;
}

/* The script in this program's place. */
static int
become(const char *noun, int argc, char **argv)
{
	struct call call;

	if (!make_call(&call, noun, argc, argv))
		return operator_fail("参数太多，或配置文件、配置项 scripts_dir 的路径太长。");
	(void)execv(call.path, call.words);
	return operator_fail("运行不了 %s。请检查配置项 scripts_dir，或重新安装软件包。", call.path);
}

int
script_ask(const char *noun, char *word)
{
	struct call call;
	pid_t child;
	int status;

	if (!make_call(&call, noun, 1, &word) || fflush(stdout) != 0 ||
	    posix_spawn(&child, call.path, NULL, NULL, call.words, environ) != 0 || waitpid(child, &status, 0) != child)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int
script_run(const char *config, int argc, char **argv)
{
	config_path = config;
	for (size_t i = 0; i < N_SCRIPTS; i++) {
		if (strcmp(argv[0], scripts[i].noun) != 0)
			continue;
		/* Setting up begins without a configuration. */
		if (access(config, F_OK) == 0 && !conf_open(config))
			return operator_fail("配置文件 %s 有误；原因见上面的日志行。", config);
		return become(scripts[i].noun, argc - 1, argv + 1);
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
