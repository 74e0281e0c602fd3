/* SPDX-License-Identifier: MIT */
/* Actions on terminals: editing a struct termios that is written once for each
 * descriptor, the window size, the controlling terminal. */

#include "addr/terminal.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The struct to be edited; NULL if the descriptor is no terminal. */
static struct terminal_edit *begin(const struct option *o, const struct opt_target *t, int fd,
				   struct err *err)
{
	struct terminal_edit *edit = t->settings;

	if (!edit) {
		(void)err_set(err, -ENOTTY, "option \"%s\" is for a terminal", o->name);
		return NULL;
	}
	if (!edit->begun && tcgetattr(fd, &edit->settings) < 0) {
		(void)err_set(err, -errno, "tcgetattr(%d) for option \"%s\": %s", fd, o->name,
			      err_reason(-errno));
		return NULL;
	}
	edit->begun = true;
	return edit;
}

/* Both speeds may be asked for; the C library's calls know only one, the kernel
 * has a second field for the input. */
static void set_speeds(struct terminal_edit *edit)
{
	tcflag_t *word = &edit->settings.c_cflag;

	if (edit->has_input || edit->has_output)
		*word &= ~(tcflag_t)CIBAUD;
	if (edit->has_input)
		(void)cfsetispeed(&edit->settings, edit->input);
	if (edit->has_output)
		(void)cfsetospeed(&edit->settings, edit->output);
	if (edit->has_input && edit->has_output && edit->input != edit->output)
		*word |= (tcflag_t)edit->input * (CIBAUD / CBAUD);
}

int terminal_edit_write(struct terminal_edit *edit, int fd, struct err *err)
{
	if (!edit->begun)
		return 0;
	set_speeds(edit);
	if (tcsetattr(fd, TCSADRAIN, &edit->settings) < 0)
		return err_set(err, -errno, "tcsetattr(%d, TCSADRAIN): %s", fd, err_reason(-errno));
	return 0;
}

static tcflag_t *word(const struct option *o, struct terminal_edit *edit)
{
	return (tcflag_t *)((char *)&edit->settings + o->type->args.offset);
}

int terminal_flag(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	struct terminal_edit *edit = begin(o, t, fd, err);
	tcflag_t bit = (tcflag_t)o->type->args.bit;

	if (!edit)
		return -ENOTTY;
	if (o->value.number[0])
		*word(o, edit) |= bit;
	else
		*word(o, edit) &= ~bit;
	return 0;
}

int terminal_field(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	struct terminal_edit *edit = begin(o, t, fd, err);

	if (!edit)
		return -ENOTTY;
	*word(o, edit) &= ~(tcflag_t)o->type->args.mask;
	*word(o, edit) |= (tcflag_t)o->type->args.bit;
	return 0;
}

int terminal_number(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	tcflag_t mask = (tcflag_t)o->type->args.mask;
	tcflag_t lowest = mask & -mask;
	struct terminal_edit *edit;

	if (o->value.number[0] > mask / lowest)
		return err_set(err, -EINVAL, "option \"%s\": invalid value %lld: it is 0..%u",
			       o->name, o->value.number[0], mask / lowest);
	edit = begin(o, t, fd, err);
	if (!edit)
		return -ENOTTY;
	*word(o, edit) &= ~mask;
	*word(o, edit) |= (tcflag_t)o->value.number[0] * lowest;
	return 0;
}

int terminal_character(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	struct terminal_edit *edit = begin(o, t, fd, err);

	if (!edit)
		return -ENOTTY;
	*((cc_t *)&edit->settings + o->type->args.offset) = (cc_t)o->value.number[0];
	return 0;
}

static const struct {
	long long rate;
	speed_t speed;
} speeds[] = {
	{ 0, B0 },	       { 50, B50 },	      { 75, B75 },
	{ 110, B110 },	       { 134, B134 },	      { 150, B150 },
	{ 200, B200 },	       { 300, B300 },	      { 600, B600 },
	{ 1200, B1200 },       { 1800, B1800 },	      { 2400, B2400 },
	{ 4800, B4800 },       { 9600, B9600 },	      { 19200, B19200 },
	{ 38400, B38400 },     { 57600, B57600 },     { 115200, B115200 },
	{ 230400, B230400 },   { 460800, B460800 },   { 500000, B500000 },
	{ 576000, B576000 },   { 921600, B921600 },   { 1000000, B1000000 },
	{ 1152000, B1152000 }, { 1500000, B1500000 }, { 2000000, B2000000 },
	{ 2500000, B2500000 }, { 3000000, B3000000 }, { 3500000, B3500000 },
	{ 4000000, B4000000 },
};

/* The number may be a rate or, as classic takes it, the constant behind a name like
 * B9600; no number is both. */
static int find_speed(const struct option *o, const char *call, speed_t *ret, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(speeds); i++) {
		if (o->value.number[0] == speeds[i].rate ||
		    o->value.number[0] == (long long)speeds[i].speed) {
			*ret = speeds[i].speed;
			return 0;
		}
	}
	return err_set(err, -EINVAL, "%s(%lld) for option \"%s\": %s", call, o->value.number[0],
		       o->name, err_reason(-EINVAL));
}

int terminal_speed(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	struct terminal_edit *edit = begin(o, t, fd, err);

	if (!edit)
		return -ENOTTY;
	edit->has_input = edit->has_output = true;
	edit->input = edit->output = (speed_t)o->type->args.bit;
	return 0;
}

int terminal_input_speed(const struct option *o, const struct opt_target *t, int fd,
			 struct err *err)
{
	struct terminal_edit *edit = begin(o, t, fd, err);

	if (!edit)
		return -ENOTTY;
	edit->has_input = true;
	return find_speed(o, "cfsetispeed", &edit->input, err);
}

int terminal_output_speed(const struct option *o, const struct opt_target *t, int fd,
			  struct err *err)
{
	struct terminal_edit *edit = begin(o, t, fd, err);

	if (!edit)
		return -ENOTTY;
	edit->has_output = true;
	return find_speed(o, "cfsetospeed", &edit->output, err);
}

int terminal_flag_word(const struct option *o, const struct opt_target *t, int fd,
		       struct err *err)
{
	struct terminal_edit *edit = begin(o, t, fd, err);
	long long n = o->value.number[0];
	tcflag_t *words[4];

	if (!edit)
		return -ENOTTY;
	words[0] = &edit->settings.c_iflag;
	words[1] = &edit->settings.c_oflag;
	words[2] = &edit->settings.c_cflag;
	words[3] = &edit->settings.c_lflag;
	if (n < 0 || n >= (long long)ARRAY_SIZE(words))
		return err_set(err, -EINVAL,
			       "option \"%s\": no flag word %lld: 0 is c_iflag, 1 c_oflag, "
			       "2 c_cflag, 3 c_lflag",
			       o->name, n);
	*words[n] = (tcflag_t)o->value.number[1];
	return 0;
}

/* Each byte as it comes, unchanged; ECHO stays as it is. */
int terminal_raw(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	struct terminal_edit *edit = begin(o, t, fd, err);

	if (!edit)
		return -ENOTTY;
	edit->settings.c_iflag &=
		~(tcflag_t)(IGNBRK | BRKINT | IGNPAR | PARMRK | INPCK | ISTRIP | INLCR | IGNCR |
			    ICRNL | IXON | IXOFF | IUCLC | IXANY | IMAXBEL);
	edit->settings.c_oflag &= ~(tcflag_t)OPOST;
	edit->settings.c_lflag &= ~(tcflag_t)(ISIG | ICANON | XCASE);
	edit->settings.c_cc[VMIN] = 1;
	edit->settings.c_cc[VTIME] = 0;
	return 0;
}

int terminal_sane(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	struct terminal_edit *edit = begin(o, t, fd, err);
	struct termios *s;

	if (!edit)
		return -ENOTTY;
	s = &edit->settings;
	s->c_iflag &= ~(tcflag_t)(IGNBRK | INLCR | IGNCR | IXOFF | IUCLC | IXANY);
	s->c_iflag |= BRKINT | ICRNL | IMAXBEL;
	s->c_oflag &= ~(tcflag_t)(OLCUC | OCRNL | ONOCR | ONLRET | OFILL | OFDEL | NLDLY | CRDLY |
				  TABDLY | BSDLY | VTDLY | FFDLY);
	s->c_oflag |= OPOST | ONLCR;
	s->c_cflag |= CREAD;
	s->c_lflag &= ~(tcflag_t)(ECHONL | NOFLSH | XCASE | TOSTOP | ECHOPRT);
	s->c_lflag |= ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE;
	return 0;
}

int terminal_cfmakeraw(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	struct terminal_edit *edit = begin(o, t, fd, err);

	if (!edit)
		return -ENOTTY;
	cfmakeraw(&edit->settings);
	return 0;
}

/* The speed, which lies in c_cflag too, stays. */
int terminal_rawer(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	struct terminal_edit *edit = begin(o, t, fd, err);

	if (!edit)
		return -ENOTTY;
	edit->settings.c_iflag = edit->settings.c_oflag = edit->settings.c_lflag = 0;
	edit->settings.c_cflag &= CBAUD | CIBAUD;
	edit->settings.c_cflag |= CREAD | CS8;
	edit->settings.c_cc[VMIN] = 1;
	edit->settings.c_cc[VTIME] = 0;
	return 0;
}

static unsigned short clip(const struct option *o, long long number)
{
	long long clipped = MIN(MAX(number, 0), USHRT_MAX);

	if (clipped != number)
		log_warn("option \"%s\": %lld is out of range, using %lld", o->name, number,
			 clipped);
	return (unsigned short)clipped;
}

int terminal_window_size(const struct option *o, const struct opt_target *t, int fd,
			 struct err *err)
{
	struct winsize size = { .ws_col = clip(o, o->value.number[0]) };

	(void)t;
	size.ws_row = clip(o, o->value.number[1]);
	if (ioctl(fd, TIOCSWINSZ, &size) < 0)
		return err_set(err, -errno, "ioctl(%d, TIOCSWINSZ) for option \"%s\": %s", fd,
			       o->name, err_reason(-errno));
	return 0;
}

/* A process has one controlling terminal; after setsid there is none to leave. */
static void leave_old_terminal(void)
{
	auto_close int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 && errno == ENXIO)
		log_info("no controlling terminal to leave");
	else if (fd < 0)
		log_warn("open(\"/dev/tty\"): %s", err_reason(-errno));
	else if (ioctl(fd, TIOCNOTTY) < 0)
		log_warn("ioctl(%d, TIOCNOTTY): %s", fd, err_reason(-errno));
}

int terminal_control(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	(void)t;
	(void)err;
	if (!o->value.number[0])
		return 0;
	leave_old_terminal();
	if (ioctl(fd, TIOCSCTTY, 0) < 0)
		log_warn("ioctl(%d, TIOCSCTTY): %s", fd, err_reason(-errno));
	if (tcsetpgrp(STDIN_FILENO, getpid()) < 0)
		log_warn("tcsetpgrp(%d, %d): %s", STDIN_FILENO, (int)getpid(), err_reason(-errno));
	return 0;
}
