/*
 * What a browser receives when it is signed in, by whichever way: a session token, and a device token that marks it as one
 * that has signed in before. The doors get only their hashes; the cookies are set after the door has said yes.
 */
#ifndef SIGNIN_H
#define SIGNIN_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"
#include "reply.h"
#include "request.h"
#include "seal.h"

struct signin {
	char token[44];
	char device_token[44]; /* "" if the browser has one already */
	uint8_t token_hash[SEAL_HASH_SIZE], device_hash[SEAL_HASH_SIZE];
	const char *device_name; /* "iPhone · 微信", from the User-Agent */
};

/**
 * signin_prepare(req, signin):
 * Make a session token, and a device token if the browser brought none. ${signin} lies in the arena, which is wiped.
 */
void signin_prepare(const struct request *req, struct signin *signin);

/**
 * signin_cookies(req, rep, signin):
 * Set __Host-session, and __Host-device if it is new. Returns false if there is no room.
 */
bool signin_cookies(struct request *req, struct reply *rep, const struct signin *signin);

/**
 * signin_device_cookie(req, rep, signin):
 * Set __Host-device alone, if it is new: for what a browser does to an account without being signed in. Returns false if there
 * is no room.
 */
bool signin_device_cookie(struct request *req, struct reply *rep, const struct signin *signin);

#endif
