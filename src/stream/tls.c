/* SPDX-License-Identifier: MIT */
/*
 * The TLS layer; see tls.h.
 *
 * OpenSSL keeps one error queue per thread, and its answers are only right when
 * the queue was empty before the call: each call clears it first and reads it
 * before anybody waits.
 *
 * Records are read ahead, several at a time, so there may be data that poll(2)
 * does not know of.  A rest that is no whole record must not be asked for again
 * and again: `drained` says that only the kernel knows of more.
 *
 * A block is filled with as many records as are there.  What ends it, the end of the
 * peer or an error, is kept for the next read.
 */

#include "stream/tls.h"

#include "base/fd.h"
#include "base/log.h"
#include "stream/tls_bio.h"
#include "task/task.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>

enum {
	RECORD_MAX = 16 * 1024, /* bytes of data; of a DTLS packet, too */
	RECORD_OVERHEAD = 64,	/* bytes of header, padding and tag, at most */
	READ_AHEAD = 4 * (RECORD_MAX + RECORD_OVERHEAD), /* a block with one read */
	WASTE_MAX = 64, /* reads of what the peer sent and nobody wants */
};

struct tls {
	SSL *session;
	BIO_METHOD *method; /* NULL: the library uses the socket itself */
	bool drained;
	bool broken;	 /* after a fatal error nothing may be said any more */
	bool told;	 /* close_notify is sent */
	bool ended;	 /* nothing more will be read, and result is what reads tell */
	bool end_unread; /* no read has told so yet */
	ssize_t result;
	unsigned long failure;
};

SSL *tls_session(const struct stream *s)
{
	const struct tls *tls = s->state;

	return tls->session;
}

unsigned long tls_failure(const struct stream *s)
{
	const struct tls *tls = s->state;

	return tls->failure;
}

static void break_off(struct tls *tls)
{
	tls->broken = true;
	tls->failure = ERR_peek_error();
}

static const char *failure_text(const struct tls *tls, char *out, size_t size)
{
	ERR_error_string_n(tls->failure, out, size);
	return out;
}

static bool is_cut_off(unsigned long code)
{
	return ERR_GET_LIB(code) == ERR_LIB_SSL &&
	       ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
}

const char *tls_refusal(const struct stream *s)
{
	static const struct {
		int reason;
		const char *text;
	} refusals[] = {
		{ SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED,
		  "the server wants a certificate of ours" },
		{ SSL_R_TLSV1_ALERT_UNKNOWN_CA,
		  "the peer does not trust who has signed our certificate" },
		{ SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, "our certificate has expired" },
		{ SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, "the peer refuses our certificate" },
		{ SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, "the peer refuses our certificate" },
	};
	unsigned long code = tls_failure(s);

	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++)
		if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == refusals[i].reason)
			return refusals[i].text;
	return NULL;
}

/* The library met an error of its own or of the system. */
static ssize_t fail_transfer(const struct stream *s, int how, int error, const char *what)
{
	struct tls *tls = s->state;
	const char *refusal;
	char text[256];

	break_off(tls);
	if (how != SSL_ERROR_SSL) /* also after the peer's close_notify */
		return error ? -error : -EPIPE;
	refusal = tls_refusal(s);
	log_warn("%s: %s%s%s", what, failure_text(tls, text, sizeof(text)), refusal ? "; " : "",
		 refusal ? refusal : "");
	return -EPROTO;
}

/* What was there of one record, at most. */
static ssize_t read_record(struct stream *s, void *buf, size_t len)
{
	struct tls *tls = s->state;
	size_t n;
	int how, error;

	ERR_clear_error();
	errno = 0;
	if (SSL_read_ex(tls->session, buf, len, &n)) {
		tls->drained = false;
		return (ssize_t)n;
	}
	error = errno;
	how = SSL_get_error(tls->session, 0);
	s->read_wants_write = how == SSL_ERROR_WANT_WRITE;
	s->reread_at = s->below->reread_at;
	tls->drained = true;
	if (how == SSL_ERROR_WANT_READ || how == SSL_ERROR_WANT_WRITE)
		return -EAGAIN;
	if (how == SSL_ERROR_ZERO_RETURN)
		return 0;
	if (how == SSL_ERROR_SYSCALL || !is_cut_off(ERR_peek_error()))
		return fail_transfer(s, how, error, "SSL_read()");
	break_off(tls);
	log_warn("the peer ended without saying so (no close_notify): data may be cut off");
	return 0;
}

static ssize_t tls_read(struct stream *s, void *buf, size_t len)
{
	struct tls *tls = s->state;
	size_t done = 0;
	ssize_t n;

	if (tls->ended) {
		tls->end_unread = false;
		return tls->result;
	}
	s->reads_all = false; /* more may have come since the last read of the socket */
	do {
		n = read_record(s, (char *)buf + done, len - done);
		done += (size_t)MAX(n, 0);
	} while (n > 0 && done < len && !s->packets && SSL_has_pending(tls->session));
	if (n <= 0 && n != -EAGAIN) {
		tls->ended = true;
		tls->end_unread = done > 0;
		tls->result = n;
	}
	return done ? (ssize_t)done : n;
}

static ssize_t tls_write(struct stream *s, const void *buf, size_t len)
{
	struct tls *tls = s->state;
	size_t n;
	int how, error;

	if (tls->broken)
		return -EPIPE;
	if (!len)
		return 0;
	ERR_clear_error();
	errno = 0;
	if (SSL_write_ex(tls->session, buf, s->packets ? MIN(len, RECORD_MAX) : len, &n)) {
		s->write_wants_read = false;
		return (ssize_t)n;
	}
	error = errno;
	how = SSL_get_error(tls->session, 0);
	s->write_wants_read = how == SSL_ERROR_WANT_READ;
	if (how == SSL_ERROR_WANT_READ || how == SSL_ERROR_WANT_WRITE)
		return -EAGAIN;
	return fail_transfer(s, how, error, "SSL_write()");
}

/* Sends close_notify.  Only once: a second call would wait for the peer's and throw
 * away what it still has to say. */
static int send_close_notify(struct tls *tls)
{
	int r, how;

	ERR_clear_error();
	errno = 0;
	r = SSL_shutdown(tls->session);
	tls->told = true;
	if (r >= 0)
		return 0;
	how = SSL_get_error(tls->session, r);
	if (how == SSL_ERROR_WANT_WRITE) {
		tls->told = false;
		return -EAGAIN;
	}
	if (how == SSL_ERROR_WANT_READ)
		return 0;
	r = -errno;
	break_off(tls);
	return r ? r : -EPROTO;
}

/* Whatever the peer says, be it only its own end, comes after it has read all of ours. */
static int await_answer(struct stream *s)
{
	struct tls *tls = s->state;
	char waste;
	size_t n;
	int how;

	ERR_clear_error();
	if (SSL_read_ex(tls->session, &waste, sizeof(waste), &n))
		return 0;
	how = SSL_get_error(tls->session, 0);
	s->write_wants_read = how == SSL_ERROR_WANT_READ;
	if (how == SSL_ERROR_WANT_READ || how == SSL_ERROR_WANT_WRITE)
		return -EAGAIN;
	if (how != SSL_ERROR_ZERO_RETURN)
		break_off(tls);
	return 0;
}

/* What is only written ends with the answer of the peer: until then it may not have taken
 * all of it.  So does classic with TLS 1.2; with TLS 1.3 it is content with the tickets
 * that came before (1.7.4.4).  In DTLS the answer may be lost. */
static int tls_shut(struct stream *s)
{
	struct tls *tls = s->state;
	int r = 0;

	if (tls->broken || !SSL_is_init_finished(tls->session))
		return 0;
	if (!tls->told)
		r = send_close_notify(tls);
	return r == 0 && s->rfd < 0 && !s->packets ? await_answer(s) : r;
}

static bool tls_pending(const struct stream *s)
{
	const struct tls *tls = s->state;

	return tls->end_unread ||
	       (!tls->drained && (SSL_has_pending(tls->session) || stream_has_unread(s->below)));
}

/* A close(2) with unread input, such as session tickets, is a reset, which can cost
 * the peer the last bytes of our data. */
static void read_away(struct stream *below)
{
	char waste[4096];

	for (int i = 0; i < WASTE_MAX && stream_read(below, waste, sizeof(waste)) > 0; i++)
		continue;
}

static void tls_done(struct stream *s)
{
	struct tls *tls = s->state;

	if (s->shut == SHUT_OWN && !s->write_shut)
		(void)tls_shut(s);
	if (s->below->end == END_SHUTDOWN && s->below->rfd >= 0)
		read_away(s->below);
	if (!tls->broken) /* else the library takes it for bad and resumes it no more */
		SSL_set_shutdown(tls->session, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(tls->session);
	BIO_meth_free(tls->method);
	free(tls);
}

static const struct stream_ops tls_ops = { tls_read, tls_write, tls_shut, tls_pending, tls_done };

/* A connected socket of our own, with nothing read from it yet. */
static bool is_own_socket(const struct stream *s)
{
	return !s->below && !s->packets && s->rfd == s->wfd && s->end == END_SHUTDOWN &&
	       !stream_has_unread(s) && fd_type(s->rfd) == S_IFSOCK;
}

/* Called by the library around each read of the socket: a short one has left nothing, except
 * where the kernel decrypts, which gives one record at a time. */
static long note_read(BIO *bio, int what, const char *data, size_t len, int number, long more,
		      int result, size_t *done)
{
	struct stream *s = (struct stream *)BIO_get_callback_arg(bio);

	(void)data;
	(void)number;
	(void)more;
	if (what == (BIO_CB_READ | BIO_CB_RETURN))
		s->reads_all = result > 0 && *done < len && !BIO_get_ktls_recv(bio);
	return result;
}

static bool ask_kernel(int fd)
{
	static const char name[] = "tls";

	return setsockopt(fd, IPPROTO_TCP, TCP_ULP, name, sizeof(name)) == 0;
}

/* A socket that is not connected is refused for that, once the kernel has found its TLS. */
bool tls_in_kernel(void)
{
	auto_close int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd >= 0 && (ask_kernel(fd) || errno != ENOENT);
}

/* The library would find out as well, but cuts its flight in two for it: the second write of a
 * client may then meet a reset, and hide why the server refused. */
static bool kernel_encrypts(const struct tls *tls, int fd)
{
	return SSL_get_options(tls->session) & SSL_OP_ENABLE_KTLS && ask_kernel(fd);
}

static BIO *new_socket_bio(struct stream *s, struct tls *tls, struct stream *below)
{
	BIO *bio = BIO_new_socket(below->rfd, BIO_NOCLOSE);

	(void)fd_set_nonblock(below->rfd, true);
	if (!kernel_encrypts(tls, below->rfd))
		(void)SSL_clear_options(tls->session, SSL_OP_ENABLE_KTLS);
	if (bio && below->reads_all) {
		BIO_set_callback_arg(bio, (char *)s);
		BIO_set_callback_ex(bio, note_read);
	}
	return bio;
}

static void connect_session(struct stream *s, struct tls *tls, struct stream *below)
{
	BIO *bio;

	if (is_own_socket(below)) {
		bio = new_socket_bio(s, tls, below);
	} else {
		tls->method = tls_bio_method();
		bio = tls->method ? tls_bio_new(tls->method, below) : NULL;
	}
	SSL_set_bio(tls->session, bio, bio);
}

struct stream *stream_new_tls(struct stream *below, SSL *session)
{
	struct stream *s = stream_new(below->rfd, below->wfd, END_KEEP);
	struct tls *tls = new_object(struct tls);

	tls->session = session;
	tls->drained = true;
	connect_session(s, tls, below);
	stream_hurry(below);
	/* SSL_MODE_AUTO_RETRY stays: -EAGAIN after a session ticket would be taken for "the
	 * kernel has no more", and what it has, an end perhaps, is told no second time. */
	SSL_set_mode(session, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				      SSL_MODE_RELEASE_BUFFERS);
	if (!below->packets) {
		SSL_set_read_ahead(session, 1);
		SSL_set_default_read_buffer_len(session, READ_AHEAD);
	}
	s->ops = &tls_ops;
	s->state = tls;
	s->below = below;
	s->shut = SHUT_OWN;
	s->packets = below->packets;
	s->program = below->program;
	return s;
}

/* DTLS repeats what may have been lost; TLS has no such moment. */
static int64_t repeat_moment(SSL *session)
{
	struct timeval left;

	if (!SSL_is_dtls(session) || !DTLSv1_get_timeout(session, &left))
		return CLOCK_NEVER;
	return clock_after((int64_t)left.tv_sec * CLOCK_US_PER_S + left.tv_usec);
}

static int wait_for_peer(struct stream *s)
{
	struct tls *tls = s->state;
	int64_t repeat = repeat_moment(tls->session), deadline = task_deadline(CLOCK_NEVER);
	int r;

	(void)task_deadline(MIN(repeat, deadline));
	r = stream_wait_read(s);
	(void)task_deadline(deadline);
	if (r != -ETIMEDOUT || clock_now() >= deadline)
		return r;
	ERR_clear_error();
	return DTLSv1_handle_timeout(tls->session) < 0 ? -ETIMEDOUT : 0;
}

/* Who refuses sends an alert and closes; what we still say to it may fail before the alert
 * is read.  The library reads on once nothing more is to be sent. */
static void find_alert(SSL *session)
{
	SSL_set0_wbio(session, BIO_new(BIO_s_null()));
	(void)SSL_do_handshake(session);
	if (ERR_GET_REASON(ERR_peek_error()) < SSL_AD_REASON_OFFSET)
		ERR_clear_error();
}

static int fail_handshake(struct tls *tls, int how, int error, const char *what, struct err *err)
{
	char text[256];

	if (how == SSL_ERROR_SYSCALL && (error == EPIPE || error == ECONNRESET))
		find_alert(tls->session);
	break_off(tls);
	if (tls->failure) {
		ERR_error_string_n(tls->failure, text, sizeof(text));
		return err_set(err, -EPROTO, "%s: %s", what, text);
	}
	if (how == SSL_ERROR_SYSCALL && error)
		return err_set(err, -error, "%s: %s", what, err_reason(-error));
	return err_set(err, -EPROTO, "%s: the peer has closed the connection", what);
}

int tls_handshake(struct stream *s, const char *what, struct err *err)
{
	struct tls *tls = s->state;
	int how, error, r;

	for (;;) {
		ERR_clear_error();
		errno = 0;
		r = SSL_do_handshake(tls->session);
		error = errno;
		if (r == 1) {
			s->read_wants_write = false;
			tls->drained = false; /* data may have come with the last message */
			return 0;
		}
		how = SSL_get_error(tls->session, r);
		if (how != SSL_ERROR_WANT_READ && how != SSL_ERROR_WANT_WRITE)
			return fail_handshake(tls, how, error, what, err);
		s->read_wants_write = how == SSL_ERROR_WANT_WRITE;
		s->reread_at = s->below->reread_at;
		r = wait_for_peer(s);
		if (r == -ETIMEDOUT)
			return err_set(err, r, "%s: no answer within the time allowed", what);
		if (r < 0)
			return r == -ECANCELED ? r : err_set(err, r, "%s: %s", what, err_reason(r));
	}
}
