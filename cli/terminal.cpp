#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "vetset/base/shell.h"
#include "vetset/base/unicode.h"

namespace vetset::cli {
namespace {

std::atomic<bool> stop_asked = false;

/// The first Ctrl-C asks; the work then ends in order. The second one ends the program.
void on_interrupt(int) {
  if (stop_asked.exchange(true)) _exit(130);
}

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

bool wants_color(int fd) {
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* term = std::getenv("TERM");
  return isatty(fd) != 0 && term != nullptr && std::strcmp(term, "dumb") != 0;
}

/// Columns and lines of a terminal; what is said in terminal.h where it is none.
winsize size_of(int fd) {
  winsize size{};
  if (ioctl(fd, TIOCGWINSZ, &size) != 0) size = {};
  if (size.ws_col < 40) size.ws_col = 100;
  if (size.ws_row < 10) size.ws_row = 40;
  return size;
}

std::string_view code_of(Ink ink) {
  switch (ink) {
    case Ink::plain: return "";
    case Ink::bold: return "\x1b[1m";
    case Ink::dim: return "\x1b[2m";
    case Ink::red: return "\x1b[31m";
    case Ink::green: return "\x1b[32m";
    case Ink::yellow: return "\x1b[33m";
    case Ink::cyan: return "\x1b[36m";
  }
  return "";
}

/// All of it, or the end: a pipe that was closed is no error of ours.
void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EPIPE) _exit(0);
    if (written < 0) {
      const std::string line = "vetset: cannot write what there is to say: " + std::string(std::strerror(errno)) + '\n';
      if (fd != STDERR_FILENO) write_all(STDERR_FILENO, line);
      _exit(2);
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

Terminal::Terminal(Color color, bool quiet) {
  const winsize size = size_of(STDOUT_FILENO);
  width_ = size.ws_col;
  height_ = size.ws_row;
  color_out_ = color == Color::always || (color == Color::automatic && wants_color(STDOUT_FILENO));
  color_err_ = color == Color::always || (color == Color::automatic && wants_color(STDERR_FILENO));
  const char* term = std::getenv("TERM");
  bar_ = !quiet && isatty(STDERR_FILENO) != 0 && term != nullptr && std::strcmp(term, "dumb") != 0;
}

Terminal::~Terminal() { clear_progress(); }

void Terminal::out(std::string_view text) {
  clear_progress();
  write_all(STDOUT_FILENO, text);
}

void Terminal::say(std::string_view line) {
  clear_progress();
  write_all(STDERR_FILENO, std::string(line) + '\n');
}

int Terminal::fail(const Error& error) {
  const std::string head = color_err_ ? "\x1b[1;31mvetset:\x1b[0m " : "vetset: ";
  say(head + printable(to_string(error)));
  switch (error.code) {
    case Code::refused: return 1;
    case Code::untrusted: return 4;
    case Code::defect: return 3;
    case Code::cancelled: return 130;
    default: return 2;
  }
}

std::string Terminal::ink(Ink ink, std::string_view text) const {
  if (!color_out_ || ink == Ink::plain) return std::string(text);
  return std::string(code_of(ink)) + std::string(text) + "\x1b[0m";
}

Progress Terminal::progress() {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
  Progress progress;
  progress.stop = &stop_asked;
  if (!bar_) return progress;
  started_ = now();
  progress.report = [this](std::string_view what, std::uint64_t done, std::uint64_t total) {
    const double time = now();
    if (time - started_ < 0.5 || time - drawn_ < 0.08) return;
    drawn_ = time;
    bar_shown_ = true;
    std::string line = "\r\x1b[K" + std::string(what);
    if (total > 0) {
      constexpr std::uint64_t cells = 24;
      const std::uint64_t filled = done >= total ? cells : done * cells / total;
      line += "  ";
      for (std::uint64_t i = 0; i < cells; ++i) line += i < filled ? "━" : "─";
      line += "  " + std::to_string(done >= total ? 100 : done * 100 / total) + " %";
    }
    write_all(STDERR_FILENO, line);
  };
  return progress;
}

void Terminal::clear_progress() {
  if (!bar_shown_) return;
  write_all(STDERR_FILENO, "\r\x1b[K");
  bar_shown_ = false;
}

std::string with_commas(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

std::string byte_size(std::uint64_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + " B";
  constexpr std::string_view units[] = {"kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  std::uint64_t tenths = bytes / 100;
  while (tenths >= 10'000 && unit + 1 < std::size(units)) {
    tenths /= 1000;
    ++unit;
  }
  return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + ' ' + std::string(units[unit]);
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  std::string noun(count == 1 || many.empty() ? one : many);
  if (count != 1 && many.empty())
    noun += noun.ends_with('y') ? (noun.pop_back(), "ies") : noun.ends_with("ss") ? "es" : "s";
  return with_commas(count) + ' ' + noun;
}

std::string padded(std::string_view text, std::size_t width) {
  std::string cell(text);
  const std::size_t have = display_width(text);
  if (have < width) cell.append(width - have, ' ');
  return cell;
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  const std::size_t room = width > indent + 30 ? width - indent : 30;
  std::string out;
  std::size_t used = 0;
  while (!text.empty()) {
    std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    const std::size_t columns = display_width(word);
    if (used != 0 && used + 1 + columns > room) {
      out += '\n' + std::string(indent, ' ');
      used = 0;
    }
    if (used != 0) out += ' ';
    out += word;
    used += (used != 0 ? 1 : 0) + columns;
  }
  return out + '\n';
}

std::string shell_word(std::string_view text) { return vetset::shell_word(text); }

}  // namespace vetset::cli
