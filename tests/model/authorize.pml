/*
 * Authorization: a guardian with one bound child signs in the space, twice if he likes, for himself, the child or both. license
 * asks the space, fetches the registers and may die between any two steps; its request is committed before the call. The parent
 * may take a signing back, a signing runs out, the desk may confirm by hand. Time is left out, as in bind.pml.
 *
 * Must hold: nobody is authorized unless both registers were fetched under signings that stand; a code is never spent under a
 * second request's number; every run ends with nothing under way.
 */
#define E 2             /* errands, each with at most one signing */
#define H 2             /* holders: 0 the guardian, 1 the child */
#define R(k, h) (2 * (k) + (h))

#define NOTHING 0
#define LAUNCHING 1
#define FAILED 2
#define OPEN 3
#define FINAL(known) (known >= 2)
#define ENDED(known) (known + 2)

#define CREATED 0
#define IDENTIFIED 1
#define COMPLETED 2
#define DENIED 3
#define EXPIRED 4

/* The student's authorization_status. */
#define NONE 0
#define PENDING 1
#define AUTHORIZED 2
#define INCOMPLETE 3
#define RAN_OUT 4
#define REVOKED 5
#define BY_HAND 6

/* A request, and what came of it. */
#define DUE 1
#define DONE 2
#define GIVEN_UP 3

#define COUNTS(k) (has_signing[k] && !is_revoked[k] && !has_run_out[k])
#define HELD(h) (COUNTS(0) && is_fetched[R(0, h)] || COUNTS(1) && is_fetched[R(1, h)])
#define IS_OVER(k) (FINAL(known[k]) && request[R(k, 0)] != DUE && request[R(k, 1)] != DUE)
#define HAS_NEWS(k) (status[k] == OPEN && truth[k] != known[k])
#define DECIDES (authorization != AUTHORIZED && authorization != BY_HAND)

c_decl {
\#include "names.h"
}

byte status[E], known[E], truth[E];
bool is_signed[4];      /* the space: this holder's register is in the scope */
bool is_child_in[E];    /* was the child among those that the errand was launched for? */
bool has_signing[E], is_revoked[E], has_run_out[E];
byte request[4];
bool is_fetched[4];
byte authorization;
byte number[4];         /* the request's own, drawn when its row is committed */
byte spent[4];          /* the e-license system: the number under which it first answered */
byte drawn;
bool is_unreviewed;     /* a signing has run out, and nobody has looked yet */
byte at, to;

inline authorization_move(next) {
	to = next;
	c_code { note("authorization", authorization_names, now.authorization, now.to); };
	authorization = next; to = 0
}
inline errand_move(what, next) {
	at = what; to = next;
	c_code { note("errand", errand_names, now.status[now.at], now.to); };
	status[what] = next; at = 0; to = 0
}
inline space_move(what, next) {
	at = what; to = next;
	c_code { note("space", space_names, now.known[now.at], now.to); };
	known[what] = next; at = 0; to = 0
}
inline request_move(what, next) {
	at = what; to = next;
	c_code { note("request", request_names, now.request[now.at], now.to); };
	request[what] = next; at = 0; to = 0
}

#define HOLDS (authorization != AUTHORIZED || is_unreviewed || HELD(0) && HELD(1))

/* errand_judge */
inline judge(errand) {
	if
	:: HELD(0) && HELD(1) ->
		if
		:: DECIDES -> authorization_move(AUTHORIZED)
		:: else
		fi
	:: else ->
		if
		:: IS_OVER(errand) && is_child_in[errand] && DECIDES && known[errand] == EXPIRED -> authorization_move(RAN_OUT)
		:: IS_OVER(errand) && is_child_in[errand] && DECIDES && known[errand] != EXPIRED -> authorization_move(INCOMPLETE)
		:: else
		fi
	fi;
	if
	:: IS_OVER(errand) && status[errand] == OPEN -> errand_move(errand, ENDED(known[errand]))
	:: else
	fi;
	assert(HOLDS)
}

/* authorization_review: a signing no longer counts. */
inline review(why) {
	if
	:: authorization == AUTHORIZED && !(HELD(0) && HELD(1)) -> authorization_move(why)
	:: else
	fi;
	assert(HOLDS)
}

inline commit_request(row) {
	if
	:: is_signed[row] -> request[row] = DUE; drawn++; number[row] = drawn
	:: else
	fi
}

proctype parent(byte k) {
	/* Our two doors with the launch between them; killed, or refused by the space. */
	if
	:: atomic { errand_move(k, LAUNCHING) }
	:: goto done
	fi;
	atomic {
		if
		:: errand_move(k, OPEN);
			if
			:: is_child_in[k] = true;
				if
				:: DECIDES -> authorization_move(PENDING)
				:: else
				fi
			:: skip         /* for another child of the family: its signing may name this one all the same */
			fi
		:: errand_move(k, FAILED); goto done
		fi
	};
	if
	:: k == 0 -> truth[k] = IDENTIFIED
	:: skip
	fi;
	/* 签署授权 with or without 添加, refused, or walked away. */
	if
	:: atomic { is_signed[R(k, 0)] = true; is_signed[R(k, 1)] = true; truth[k] = COMPLETED }
	:: atomic { is_signed[R(k, 0)] = true; truth[k] = COMPLETED }
	:: atomic { is_signed[R(k, 1)] = true; truth[k] = COMPLETED }
	:: truth[k] = DENIED
	:: truth[k] = EXPIRED
	fi;
done:	skip
}

/* The asking thread of license, the space's half: the answer is settled later, when it may be old. */
proctype asker() {
	byte k, answer;

end:	do
	:: atomic {
		if
		:: HAS_NEWS(0) -> k = 0
		:: HAS_NEWS(1) -> k = 1
		fi;
		answer = truth[k]
	   };
	   atomic {
		if
		:: status[k] == OPEN && answer > known[k] && !FINAL(known[k]) ->
			space_move(k, answer);
			if
			:: answer == COMPLETED && !has_signing[k] ->
				has_signing[k] = true; commit_request(R(k, 0)); commit_request(R(k, 1))
			:: else
			fi;
			judge(k)
		:: else
		fi;
		k = 0; answer = 0
	   }
	od
}

/* The other half: license/auth spends the code, get_license brings the document, the door stores it. Killed in between, the
 * lease runs out and all of it is done again. */
proctype fetcher() {
	byte r;
	bool is_killed;

end:	do
	:: atomic {
		if
		:: request[0] == DUE -> r = 0
		:: request[1] == DUE -> r = 1
		:: request[2] == DUE -> r = 2
		:: request[3] == DUE -> r = 3
		fi
	   };
	   atomic {
		if
		:: spent[r] == 0 -> spent[r] = number[r]
		:: else -> assert(spent[r] == number[r])
		fi
	   };
	   if
	   :: atomic { is_killed == false -> is_killed = true; r = 0; goto end }
	   :: skip
	   fi;
	   atomic {
		if
		:: request[r] == DUE ->
			if
			:: is_fetched[r] = true; request_move(r, DONE)
			:: request_move(r, DONE)        /* refused: withdrawn, not held, unreadable */
			:: request_move(r, GIVEN_UP)    /* the register was down for a day */
			fi;
			judge(r / 2)
		:: else
		fi;
		r = 0
	   }
	od
}

/* The desk, by hand. */
inline confirm() {
	atomic {
		if
		:: DECIDES -> authorization_move(BY_HAND)
		:: else
		fi
	}
}

/* What else may happen meanwhile, one such thing a run. */
proctype twist() {
	if
	:: atomic { status[0] == OPEN && !FINAL(known[0]) -> space_move(0, EXPIRED); judge(0) }
	/* The parent takes a finished signing back: data erased, the rest decides. */
	:: atomic {
		has_signing[0] && status[0] != OPEN ->
		is_fetched[0] = false; is_fetched[1] = false; is_revoked[0] = true; review(REVOKED)
	   };
	   if
	   :: confirm()
	   :: skip
	   fi
	/* A signing runs out; it is looked at a little later, and what is not here by then is not fetched any more. */
	:: atomic { has_run_out[0] = true; is_unreviewed = true };
	   atomic {
		is_unreviewed = false; is_fetched[0] = false; is_fetched[1] = false;
		if
		:: request[0] == DUE -> request_move(0, GIVEN_UP)
		:: else
		fi;
		if
		:: request[1] == DUE -> request_move(1, GIVEN_UP)
		:: else
		fi;
		review(RAN_OUT);
		if
		:: status[0] == OPEN -> judge(0)
		:: else
		fi
	   }
	:: confirm()
	:: skip
	fi
}

init {
	byte k;

	atomic { run parent(0); run parent(1); run asker(); run asker(); run fetcher(); run twist() };

	timeout ->
	for (k : 0 .. E - 1) {
		assert(status[k] != OPEN)
	}
	for (k : 0 .. 3) {
		assert(request[k] != DUE)
	}
	assert(authorization != PENDING);
	assert(authorization != AUTHORIZED || HELD(0) && HELD(1))
}
