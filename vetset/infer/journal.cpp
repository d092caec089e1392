#include "vetset/infer/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "vetset/base/json.h"
#include "vetset/base/tree.h"

namespace vetset {
namespace {

void append_floats(std::string& out, const char* key, std::span<const float> values) {
  out += key;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i) out += ',';
    append_float(out, values[i]);
  }
  out += ']';
}

float read_float(JsonCursor& c) { return static_cast<float>(c.read_number().value); }

void read_floats(JsonCursor& c, std::vector<float>& out) {
  for (c.enter_array(); c.next_element();) out.push_back(read_float(c));
}

Found read_found(JsonCursor& c) {
  Found f;
  for (c.enter_object(); c.next_member();) {
    if (c.key() == "c") {
      f.label = static_cast<std::uint32_t>(c.read_number().whole);
    } else if (c.key() == "s") {
      f.score = read_float(c);
    } else if (c.key() == "b") {
      std::size_t i = 0;
      for (c.enter_array(); c.next_element(); ++i) {
        const float v = read_float(c);
        if (i < 4) f.box[i] = v;
      }
    } else if (c.key() == "a") {
      f.angle = read_float(c);
    } else if (c.key() == "k") {
      read_floats(c, f.keypoints);
    } else if (c.key() == "m") {
      f.mask = c.read_string();
    } else {
      c.skip();
    }
  }
  return f;
}

/// Lines of a file, one after another, without holding it: calls with each whole line and the offset behind it.
Result<void> each_line(int file, const std::string& path,
                       const std::function<Result<void>(std::string_view line, std::uint64_t end)>& use) {
  std::string held;
  std::uint64_t at = 0;
  std::vector<char> piece(1 << 18);
  while (true) {
    const ssize_t n = ::read(file, piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("cannot be read", path, errno);
    if (n == 0) return {};
    held.append(piece.data(), static_cast<std::size_t>(n));
    std::size_t begin = 0;
    for (std::size_t end = held.find('\n'); end != std::string::npos; end = held.find('\n', begin)) {
      VETSET_DO(use(std::string_view(held).substr(begin, end - begin), at + end + 1));
      begin = end + 1;
    }
    held.erase(0, begin);
    at += begin;
  }
}

}  // namespace

void append_float(std::string& out, float value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value);
  out.append(text, end.ptr);
}

std::string to_line(const Inferred& i) {
  std::string out = "{\"image\":" + std::to_string(i.image);
  if (i.width) out += ",\"width\":" + std::to_string(i.width) + ",\"height\":" + std::to_string(i.height);
  if (!i.sha256.empty()) out += ",\"sha256\":\"" + i.sha256 + '"';
  if (!i.problem.empty()) {
    out += ",\"problem\":";
    append_json_string(out, i.problem);
  }
  out += ",\"found\":[";
  for (const Found& f : i.found) {
    if (&f != i.found.data()) out += ',';
    out += "{\"c\":" + std::to_string(f.label) + ",\"s\":";
    append_float(out, f.score);
    append_floats(out, ",\"b\":[", f.box);
    if (f.angle != 0) {
      out += ",\"a\":";
      append_float(out, f.angle);
    }
    if (!f.keypoints.empty()) append_floats(out, ",\"k\":[", f.keypoints);
    if (!f.mask.empty()) {
      out += ",\"m\":";
      append_json_string(out, f.mask);
    }
    out += '}';
  }
  out += ']';
  if (!i.embedding.empty()) append_floats(out, ",\"embedding\":[", i.embedding);
  return out + '}';
}

Result<Inferred> parse_line(std::string_view line) {
  Inferred i;
  JsonCursor c(line);
  for (c.enter_object(); c.next_member();) {
    if (c.key() == "image")
      i.image = static_cast<std::uint32_t>(c.read_number().whole);
    else if (c.key() == "width")
      i.width = static_cast<std::uint32_t>(c.read_number().whole);
    else if (c.key() == "height")
      i.height = static_cast<std::uint32_t>(c.read_number().whole);
    else if (c.key() == "sha256")
      i.sha256 = c.read_string();
    else if (c.key() == "problem")
      i.problem = c.read_string();
    else if (c.key() == "embedding")
      read_floats(c, i.embedding);
    else if (c.key() == "found")
      for (c.enter_array(); c.next_element();) i.found.push_back(read_found(c));
    else
      c.skip();
  }
  if (!c.at_end() || c.failed()) return Error{Code::malformed, c.failed() ? c.error_text() : "text behind a record"};
  return i;
}

Result<Journal> Journal::open(const std::string& path, const std::string& header) {
  Journal j;
  j.path_ = path;
  j.file_ = Fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!j.file_) return system_error("cannot be opened", path, errno);
  std::uint64_t whole = 0;
  bool first = true;
  VETSET_DO(each_line(j.file_.get(), path, [&](std::string_view line, std::uint64_t end) -> Result<void> {
    if (first && line != header)
      return Error{Code::usage,
                   "is the journal of another run, of another model, contract, runtime or set of images; "
                   "remove it to begin anew",
                   path, 1};
    if (!first) {
      if (Result<Inferred> i = parse_line(line); !i)
        return Error{Code::malformed, "is damaged: " + i.error().message + "; remove it to begin anew", path,
                     static_cast<std::uint32_t>(j.lines_ + 2)};
      ++j.lines_;
    }
    first = false;
    whole = end;
    return {};
  }));
  if (::ftruncate(j.file_.get(), static_cast<off_t>(whole)) != 0 || ::lseek(j.file_.get(), 0, SEEK_END) < 0)
    return system_error("cannot be cut behind its last whole line", path, errno);
  if (first) VETSET_DO(write_all(j.file_.get(), header + "\n", path));
  return j;
}

Result<void> Journal::add(const Inferred& inferred) {
  VETSET_DO(write_all(file_.get(), to_line(inferred) + "\n", path_));
  ++lines_;
  return {};
}

Result<void> Journal::read(const std::string& path, const std::function<Result<void>(Inferred&&)>& use) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return system_error("cannot be opened", path, errno);
  std::uint32_t number = 0;
  return each_line(file.get(), path, [&](std::string_view line, std::uint64_t) -> Result<void> {
    if (number++ == 0) return {};
    Result<Inferred> i = parse_line(line);
    if (!i) return Error{Code::malformed, i.error().message, path, number};
    return use(*std::move(i));
  });
}

}  // namespace vetset
