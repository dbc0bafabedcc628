/*
 * Only passwords that pass the other rules (8 characters, four classes) need to stand here, and those are few: what remains
 * of the well-known lists, and what people make of them when a form asks for a capital letter and a sign. Sorted, lower case.
 */
#include "common_passwords.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const char *const list[] = { "!qaz1qaz", "!qaz2wsx", "!qaz@wsx3edc", "123456@abc", "123456aa!", "123456aa.", "123456aa@",
	"123456ab!", "123456abc!", "123456abc.", "123456abc@", "123456qq.", "12345@abcde", "1234@abcd", "123abc!@#", "123qwe!@#",
	"1q2w3e!q@w#e", "1q2w3e4r!", "1q2w3e4r.", "1q2w3e4r@", "1qaz!qaz", "1qaz2wsx!", "1qaz2wsx#edc", "1qaz2wsx@", "1qaz@wsx",
	"1qaz@wsx3edc", "5201314aa.", "5201314ai!", "a1!b2@c3#", "a1b2c3d4!", "a1b2c3d4.", "aa!123456", "aa.123456", "aa112233!",
	"aa112233.", "aa123123!", "aa123123.", "aa1234!!", "aa12345!", "aa12345.", "aa123456!", "aa123456#", "aa123456.",
	"aa12345678!", "aa123456789!", "aa123456789.", "aa123456@", "aa5201314!", "aa5201314.", "aa666666!", "aa666666.",
	"aa888888!", "aa888888.", "aa@12345", "aa@123456", "aaa111!!!", "aaa123456!", "aaa123456.", "aaaa1111!", "ab123456!",
	"ab123456.", "abc!123456", "abc#123456", "abc.123456", "abc123!!", "abc123!@", "abc123!@#", "abc12345!", "abc12345.",
	"abc123456!", "abc123456.", "abc123456@", "abc12345@", "abc@1234", "abc@12345", "abc@123456", "abcd!1234", "abcd.1234",
	"abcd1234!", "abcd1234!@#$", "abcd1234.", "abcd12345!", "abcd1234@", "abcd@1234", "abcd@12345", "abcde12345!", "abcdef1!",
	"abcdefg1!", "admin!123", "admin!@#123", "admin#123", "admin.123", "admin123!", "admin123!@#", "admin123.", "admin1234!",
	"admin123456!", "admin123@", "admin@123", "admin@1234", "admin@12345", "admin@123456", "aini1314!", "aini5201314!",
	"asd123!@#", "asdf1234!", "asdf1234.", "asdf@1234", "asdfgh1!", "asdfjkl1;", "baobao123!", "baobei123!", "baobei520!",
	"beijing2008!", "changeme1!", "changeme123!", "china123!", "china@123", "default1!", "dragon123!", "football1!",
	"forever1!", "guangdong1!", "hello123!", "hello@123", "huawei12#$", "huawei@123", "iloveyou1!", "iloveyou2!", "letmein1!",
	"letmein123!", "login123!", "love1314!", "love520!!", "master123!", "meijiang1!", "meizhou1!", "meizhou123!",
	"monkey123!", "p@$$w0rd", "p@$$w0rd1", "p@$$word1", "p@55w0rd", "p@ssw0rd", "p@ssw0rd!", "p@ssw0rd1", "p@ssw0rd1!",
	"p@ssw0rd123", "p@ssw0rd1234", "p@ssword1", "p@ssword1!", "p@ssword12", "p@ssword123", "pa$$w0rd", "pa$$w0rd1",
	"pa$$word1", "passw0rd!", "passw0rd.", "passw0rd1!", "passw0rd123!", "passw0rd@", "password!1", "password#1",
	"password.1", "password1!", "password1.", "password12!", "password123!", "password123#", "password123.", "password1234!",
	"password123@", "password1@", "password@1", "password@12", "password@123", "password@1234", "princess1!", "q1w2e3r4!",
	"q1w2e3r4t5!", "qaz123!@#", "qaz123456!", "qazwsx1!", "qazwsx123!", "qq123456!", "qq123456.", "qq123456@", "qwe!@#123",
	"qwe123!@", "qwe123!@#", "qwe123456!", "qwe123456.", "qwer!1234", "qwer!@#$1234", "qwer.1234", "qwer1234!",
	"qwer1234!@#$", "qwer1234.", "qwer1234@", "qwer@1234", "qwert12345!", "qwerty1!", "qwerty12!", "qwerty123!", "qwerty123.",
	"qwerty1234!", "qwerty123@", "qwertyuiop1!", "root123!", "root@123", "root@1234", "secret123!", "shanghai1!",
	"summer2024!", "summer2025!", "summer2026!", "sunshine1!", "superman1!", "system123!", "test!123", "test123!",
	"test1234!", "test@123", "test@1234", "tian123456!", "trustno1!", "user1234!", "user@123", "wang123456!", "wangyi123!",
	"weixin123!", "welcome!1", "welcome1!", "welcome123!", "welcome1234!", "welcome@1", "welcome@123", "winter2024!",
	"winter2025!", "winter2026!", "woaini1314!", "woaini1314.", "woaini520!", "woaini5201314!", "woaini521!", "woaiwojia1!",
	"xiaoxiao1!", "zaq!2wsx", "zaq1!qaz", "zaq12wsx!", "zaq1@wsx", "zhang123456!", "zhongguo1!", "zxc123!@#", "zxcv1234!",
	"zxcvbn1!", "zxcvbn123!", "zxcvbnm1!", "zxcvbnm123!" };

static int
compare(const void *key, const void *entry)
{
	return strcmp(key, *(const char *const *)entry);
}

bool
common_passwords_has(const char *password)
{
	char lower[65];
	size_t size = strlen(password);

	if (size >= sizeof lower)
		return false;
	for (size_t i = 0; i <= size; i++)
		lower[i] = (char)tolower((unsigned char)password[i]);
	return bsearch(lower, (const void *)list, sizeof list / sizeof *list, sizeof *list, compare) != NULL;
}
