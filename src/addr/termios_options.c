/* SPDX-License-Identifier: MIT */
/* Options of terminals, as rows: flags, fields, speeds, control characters.  The
 * actions are in terminal.c. */

#include "addr/families.h"
#include "addr/terminal.h"

#include <stddef.h>

#define ROW(names, help, phase, type, action, ...)                                                 \
	{ names, help, GROUP_TERMIOS, phase, SCOPE_FD, &value_##type, action, { __VA_ARGS__ } }
#define FLAG(names, help, word, flag)                                                              \
	ROW(names, help, PHASE_FD, bool, terminal_flag, .bit = (flag),                             \
	    .offset = offsetof(struct termios, word))
#define FIELD(names, help, word, which, is)                                                        \
	ROW(names, help, PHASE_FD, const, terminal_field, .bit = (is), .mask = (which),            \
	    .offset = offsetof(struct termios, word))
#define NUMBER(names, help, word, which)                                                           \
	ROW(names, help, PHASE_FD, uint, terminal_number, .mask = (which),                         \
	    .offset = offsetof(struct termios, word))
#define CHARACTER(names, help, which)                                                              \
	ROW(names, help, PHASE_FD, byte, terminal_character,                                       \
	    .offset = offsetof(struct termios, c_cc) + (which))
#define SPEED(number)                                                                              \
	ROW("b" #number, "run the line at " #number " baud", PHASE_FD, const, terminal_speed,      \
	    .bit = B##number)
#define PRESET(names, help, action) ROW(names, help, PHASE_FD, const, action, .bit = 0)

static const struct opt_type options[] = {
	/* input */
	FLAG("brkint", "a break makes SIGINT", c_iflag, BRKINT),
	FLAG("icrnl", "read CR as NL", c_iflag, ICRNL),
	FLAG("ignbrk", "ignore breaks", c_iflag, IGNBRK),
	FLAG("igncr", "ignore CR in the input", c_iflag, IGNCR),
	FLAG("ignpar", "ignore bytes with parity errors", c_iflag, IGNPAR),
	FLAG("imaxbel", "ring the bell when the input is full", c_iflag, IMAXBEL),
	FLAG("inlcr", "read NL as CR", c_iflag, INLCR),
	FLAG("inpck", "check the parity of the input", c_iflag, INPCK),
	FLAG("istrip", "clear the eighth bit of the input", c_iflag, ISTRIP),
	FLAG("iuclc", "read upper case as lower case", c_iflag, IUCLC),
	FLAG("ixany", "any character starts stopped output again", c_iflag, IXANY),
	FLAG("ixoff tandem", "send stop and start characters when the input is full", c_iflag,
	     IXOFF),
	FLAG("ixon", "obey stop and start characters", c_iflag, IXON),
	FLAG("parmrk", "mark bytes with parity errors", c_iflag, PARMRK),

	/* output */
	FLAG("opost", "process the output", c_oflag, OPOST),
	FLAG("olcuc", "write lower case as upper case", c_oflag, OLCUC),
	FLAG("onlcr", "write NL as CR NL", c_oflag, ONLCR),
	FLAG("ocrnl", "write CR as NL", c_oflag, OCRNL),
	FLAG("onocr", "write no CR in the first column", c_oflag, ONOCR),
	FLAG("onlret", "write no CR: NL does it", c_oflag, ONLRET),
	FLAG("ofill", "fill with characters instead of waiting", c_oflag, OFILL),
	FLAG("ofdel", "fill with DEL instead of NUL", c_oflag, OFDEL),
	FIELD("nl0", "no delay after NL", c_oflag, NLDLY, NL0),
	FIELD("nl1", "delay after NL of type 1", c_oflag, NLDLY, NL1),
	FLAG("nldly", "delay after NL", c_oflag, NLDLY),
	FIELD("cr0", "no delay after CR", c_oflag, CRDLY, CR0),
	FIELD("cr1", "delay after CR of type 1", c_oflag, CRDLY, CR1),
	FIELD("cr2", "delay after CR of type 2", c_oflag, CRDLY, CR2),
	FIELD("cr3", "delay after CR of type 3", c_oflag, CRDLY, CR3),
	NUMBER("crdly", "delay after CR of this type, 0..3", c_oflag, CRDLY),
	FIELD("tab0", "no delay after tabs", c_oflag, TABDLY, TAB0),
	FIELD("tab1", "delay after tabs of type 1", c_oflag, TABDLY, TAB1),
	FIELD("tab2", "delay after tabs of type 2", c_oflag, TABDLY, TAB2),
	FIELD("tab3", "write tabs as blanks", c_oflag, TABDLY, TAB3),
	FIELD("xtabs", "write tabs as blanks", c_oflag, TABDLY, XTABS),
	NUMBER("tabdly", "delay after tabs of this type, 0..3", c_oflag, TABDLY),
	FIELD("bs0", "no delay after backspace", c_oflag, BSDLY, BS0),
	FIELD("bs1", "delay after backspace of type 1", c_oflag, BSDLY, BS1),
	FLAG("bsdly", "delay after backspace", c_oflag, BSDLY),
	FIELD("vt0", "no delay after vertical tabs", c_oflag, VTDLY, VT0),
	FIELD("vt1", "delay after vertical tabs of type 1", c_oflag, VTDLY, VT1),
	FLAG("vtdly", "delay after vertical tabs", c_oflag, VTDLY),
	FIELD("ff0", "no delay after form feeds", c_oflag, FFDLY, FF0),
	FIELD("ff1", "delay after form feeds of type 1", c_oflag, FFDLY, FF1),
	FLAG("ffdly", "delay after form feeds", c_oflag, FFDLY),

	/* the line */
	FIELD("cs5", "5 bits per character", c_cflag, CSIZE, CS5),
	FIELD("cs6", "6 bits per character", c_cflag, CSIZE, CS6),
	FIELD("cs7", "7 bits per character", c_cflag, CSIZE, CS7),
	FIELD("cs8", "8 bits per character", c_cflag, CSIZE, CS8),
	NUMBER("csize", "bits per character, less 5: 0..3", c_cflag, CSIZE),
	FLAG("cstopb", "two stop bits", c_cflag, CSTOPB),
	FLAG("cread", "receive", c_cflag, CREAD),
	FLAG("parenb", "use parity", c_cflag, PARENB),
	FLAG("parodd", "use odd parity", c_cflag, PARODD),
	FLAG("hupcl hup", "hang up at the last close", c_cflag, HUPCL),
	FLAG("clocal", "ignore the modem's lines", c_cflag, CLOCAL),
	FLAG("crtscts", "flow control with RTS and CTS", c_cflag, CRTSCTS),
	SPEED(0),
	SPEED(50),
	SPEED(75),
	SPEED(110),
	SPEED(134),
	SPEED(150),
	SPEED(200),
	SPEED(300),
	SPEED(600),
	SPEED(1200),
	SPEED(1800),
	SPEED(2400),
	SPEED(4800),
	SPEED(9600),
	SPEED(19200),
	SPEED(38400),
	SPEED(57600),
	SPEED(115200),
	SPEED(230400),
	SPEED(460800),
	SPEED(500000),
	SPEED(576000),
	SPEED(921600),
	SPEED(1000000),
	SPEED(1152000),
	SPEED(1500000),
	SPEED(2000000),
	SPEED(2500000),
	SPEED(3000000),
	SPEED(3500000),
	SPEED(4000000),
	ROW("ispeed", "receive at so many baud", PHASE_FD, uint, terminal_input_speed, .bit = 0),
	ROW("ospeed", "send at so many baud", PHASE_FD, uint, terminal_output_speed, .bit = 0),

	/* editing and echo */
	FLAG("isig", "characters make signals", c_lflag, ISIG),
	FLAG("icanon", "read lines that can be edited", c_lflag, ICANON),
	FLAG("xcase", "upper case is written with a backslash", c_lflag, XCASE),
	FLAG("echo", "show what is typed", c_lflag, ECHO),
	FLAG("echoe crterase", "the erase character wipes out a character", c_lflag, ECHOE),
	FLAG("echok", "NL after the kill character", c_lflag, ECHOK),
	FLAG("echonl", "show NL even without echo", c_lflag, ECHONL),
	FLAG("echoctl ctlecho", "show control characters as ^X", c_lflag, ECHOCTL),
	FLAG("echoprt prterase", "print what is erased", c_lflag, ECHOPRT),
	FLAG("echoke crtkill", "the kill character wipes out the line", c_lflag, ECHOKE),
	FLAG("flusho", "throw the output away", c_lflag, FLUSHO),
	FLAG("noflsh", "signals from characters flush nothing", c_lflag, NOFLSH),
	FLAG("tostop", "stop processes in the background that write", c_lflag, TOSTOP),
	FLAG("pendin", "print pending input again", c_lflag, PENDIN),
	FLAG("iexten", "extended editing", c_lflag, IEXTEN),

	/* control characters */
	CHARACTER("vintr intr", "character that makes SIGINT", VINTR),
	CHARACTER("vquit quit", "character that makes SIGQUIT", VQUIT),
	CHARACTER("verase erase", "character that erases one", VERASE),
	CHARACTER("vkill kill", "character that erases the line", VKILL),
	CHARACTER("veof eof", "character for the end of the input", VEOF),
	CHARACTER("vtime time", "tenths of a second a read waits for more", VTIME),
	CHARACTER("vmin min", "fewest bytes of a read", VMIN),
	CHARACTER("vswtc swtc swtch", "switch character", VSWTC),
	CHARACTER("vstart start", "character that starts the output", VSTART),
	CHARACTER("vstop stop", "character that stops the output", VSTOP),
	CHARACTER("vsusp susp", "character that makes SIGTSTP", VSUSP),
	CHARACTER("veol eol", "another end of line", VEOL),
	CHARACTER("veol2 eol2", "yet another end of line", VEOL2),
	CHARACTER("vreprint reprint rprnt", "character that prints the line again", VREPRINT),
	CHARACTER("vdiscard discard", "character that throws the output away", VDISCARD),
	CHARACTER("vwerase werase", "character that erases a word", VWERASE),
	CHARACTER("vlnext lnext", "character that takes the next one as it is", VLNEXT),

	/* many at once */
	PRESET("raw", "bytes as they come, without lines and signals; echo stays", terminal_raw),
	PRESET("sane", "lines, echo and signals as usual", terminal_sane),
	PRESET("termios-cfmakeraw cfmakeraw", "bytes as they come, by cfmakeraw(3)",
	       terminal_cfmakeraw),
	PRESET("termios-rawer rawer", "bytes as they come, without any processing or echo",
	       terminal_rawer),
	ROW("termios-setflags setflags", "overwrite a flag word: 0..3:value", PHASE_FD, int_ulong,
	    terminal_flag_word, .bit = 0),

	ROW("tiocswinsz winsz", "set the window size: columns:rows", PHASE_FD, int_int,
	    terminal_window_size, .bit = 0),
	ROW("tiocsctty ctty", "make it the controlling terminal", PHASE_LATE2, bool,
	    terminal_control, .bit = 0),
};

const struct opt_table termios_options = { options, ARRAY_SIZE(options) };
