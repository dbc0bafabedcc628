/* WeChat's signature over a page, by which its script (JS-SDK) trusts the page: 附录1-JS-SDK使用权限签名算法. */
#ifndef JSSDK_H
#define JSSDK_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

enum { JSSDK_SIGNATURE_SIZE = 2 * 20 + 1 };

/**
 * jssdk_sign(arena, ticket, nonce, timestamp_s, url, out):
 * Write the lower-case hexadecimal SHA-1 of "jsapi_ticket=…&noncestr=…&timestamp=…&url=…", the values as they are; ${url} is
 * the page's without its fragment. Returns false if memory ends.
 */
bool jssdk_sign(struct arena *arena, const char *ticket, const char *nonce, int64_t timestamp_s, const char *url,
    char out[static JSSDK_SIGNATURE_SIZE]);

#endif
