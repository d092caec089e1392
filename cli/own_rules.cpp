#include "cli/own_rules.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "vetset/base/fs.h"
#include "vetset/base/json.h"

extern char** environ;

namespace vetset::cli {
namespace {

/// -P: what lies in the working folder is not imported in place of vetset.
constexpr int without_vetset = 96;
constexpr const char* host =
    "import sys\n"
    "try:\n"
    "    from vetset._host import main\n"
    "except ImportError:\n"
    "    sys.exit(96)\n"
    "sys.exit(main())\n";

/// Pythons that may have vetset: the one that is named, or that beside this program and the first of PATH.
std::vector<std::string> pythons() {
  if (const char* named = std::getenv("VETSET_PYTHON"); named != nullptr && *named != '\0') return {named};
  std::vector<std::string> found;
  std::error_code failed;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (!failed) {
    const std::filesystem::path beside = self.parent_path() / "python3";
    if (std::filesystem::exists(beside, failed)) found.push_back(beside.string());
  }
  found.emplace_back("python3");
  return found;
}

struct Pipe {
  Fd read, write;
};
Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return Error{Code::io, "no pipe can be made: " + errno_text(errno)};
  for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

std::string read_all(int from) {
  std::string text;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t got = read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

void write_all(int to, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = write(to, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return;  // it ended; its answer says why
    text.remove_prefix(static_cast<std::size_t>(put));
  }
}

/// What a Python said, and how it ended.
struct Answer {
  std::string text;
  int status = 0;  // of waitpid; -1: it could not be started
};
Result<Answer> ask(const std::string& python, std::string_view request) {
  VETSET_TRY(Pipe in, make_pipe());
  VETSET_TRY(Pipe out, make_pipe());
  std::vector<std::string> words = {python, "-P", "-c", host};
  std::vector<char*> line;
  for (std::string& word : words) line.push_back(word.data());
  line.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in.read.get(), 0);
  posix_spawn_file_actions_adddup2(&files, out.write.get(), 1);
  pid_t child = -1;
  const int failed = posix_spawnp(&child, python.c_str(), &files, nullptr, line.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (failed != 0) return Answer{.text = {}, .status = -1};
  in.read.close();
  out.write.close();
  write_all(in.write.get(), request);
  in.write.close();
  Answer answer{.text = read_all(out.read.get())};
  while (waitpid(child, &answer.status, 0) < 0 && errno == EINTR) {
  }
  return answer;
}

void write_words(JsonWriter& w, std::string_view key, const std::vector<std::string>& words) {
  w.key(key).begin_array();
  for (const std::string& word : words) w.value(word);
  w.end_array();
}

std::string request_of(const Judging& judged, const OwnRulesAsked& asked, bool describe) {
  const CheckOptions& options = judged.options;
  const PredictedFlags none;
  const PredictedFlags& model = asked.predicted == nullptr ? none : *asked.predicted;
  std::string text;
  JsonWriter w(text);
  w.begin_object().key("path").value(asked.src).key("format").value(asked.from);
  w.key("images_dir").value(asked.images_dir).key("diff_from").value(asked.diff_from);
  w.key("threads").value(std::uint32_t{asked.threads}).key("describe").value(describe);
  w.key("images").value(options.images).key("pixels").value(options.pixels).key("cache").value(options.scan.cache);
  write_words(w, "files", judged.rule_files);
  write_words(w, "select", options.select);
  write_words(w, "ignore", options.ignore);
  w.key("severity").begin_array();
  for (const SeverityChoice& choice : options.severities) {
    const std::string_view level = choice.severity ? name(*choice.severity) : std::string_view("off");
    w.begin_array().value(choice.rule).value(level).end_array();
  }
  w.end_array().key("model").begin_object();
  const std::pair<std::string_view, const std::string*> words[] = {{"predictions", &model.predictions},
                                                                   {"match_images", &model.match_images},
                                                                   {"match_classes", &model.match_classes},
                                                                   {"probabilities", &model.probabilities},
                                                                   {"probabilities_paths", &model.paths},
                                                                   {"probabilities_classes", &model.classes},
                                                                   {"folds", &model.folds},
                                                                   {"embeddings", &judged.embeddings},
                                                                   {"embeddings_paths", &judged.embeddings_paths}};
  for (const auto& [key, value] : words) w.key(key).value(*value);
  w.key("out_of_fold").value(model.out_of_fold).end_object().end_object();
  return text;
}

/// An answer in words: nothing where no Python has vetset.
struct Heard {
  std::optional<Json> said;
  std::string why;  // nothing was said
  bool broken = false;
};

std::string ended(int status) {
  if (WIFSIGNALED(status)) return "ended with signal " + std::to_string(WTERMSIG(status));
  return "ended with status " + std::to_string(WEXITSTATUS(status));
}

Result<Heard> hear(const std::string& request) {
  const std::string greeting = "vetset " + std::string(version()) + "\n";
  std::string other;
  for (const std::string& python : pythons()) {
    VETSET_TRY(Answer answer, ask(python, request));
    if (answer.status == -1 || (WIFEXITED(answer.status) && WEXITSTATUS(answer.status) == without_vetset)) continue;
    if (!answer.text.starts_with(greeting)) {
      if (answer.text.starts_with("vetset "))
        other = python + " has " + answer.text.substr(0, answer.text.find('\n')) + ", and this is " +
                greeting.substr(0, greeting.size() - 1);
      continue;
    }
    auto said = Json::parse(std::string_view(answer.text).substr(greeting.size()));
    if (said && answer.status == 0) return Heard{.said = *std::move(said), .why = {}};
    return Heard{.said = {}, .why = "broke: Python " + ended(answer.status), .broken = true};
  }
  return Heard{
      .said = {},
      .why = "was not run: " + (other.empty() ? "no Python here has vetset (VETSET_PYTHON names one)" : other)};
}

Result<Heard> hear_out(const std::string& request) {
  VETSET_TRY(Heard heard, hear(request));
  if (!heard.said) return heard;
  const Json* error = heard.said->find("error");
  if (error == nullptr) return heard;
  const double line = error->at("line").number();
  return Error{error->text_or("code", "") == "usage" ? Code::usage : Code::malformed,
               std::string(error->text_or("message", "")), std::string(error->text_or("file", "")),
               static_cast<std::uint32_t>(line > 0 ? line : 0)};
}

}  // namespace

Result<OwnRulesFound> run_own_rules(const Judging& judged, const OwnRulesAsked& asked, const Source& source,
                                    const Source* earlier) {
  OwnRulesFound found;
  if (judged.rule_files.empty() || !judged.options.consumer.empty()) return found;
  if (!judged.may_run_rules) {
    found.now = found.then = unread_own_rules(
        judged.rule_files, "was not run: " + judged.config + " is not of this folder; --rules FILE runs it", false);
    return found;
  }
  VETSET_TRY(const Heard heard, hear_out(request_of(judged, asked, false)));
  if (!heard.said) {
    found.now = found.then = unread_own_rules(judged.rule_files, heard.why, heard.broken);
    return found;
  }
  VETSET_TRY(found.now, read_own_rules(heard.said->text_or("now", ""), source.dataset));
  if (earlier != nullptr) {
    VETSET_TRY(found.then, read_own_rules(heard.said->text_or("then", ""), earlier->dataset));
  }
  return found;
}

Result<std::shared_ptr<const OwnRules>> describe_own_rules(const Judging& judged) {
  if (judged.rule_files.empty() || !judged.may_run_rules) return std::shared_ptr<const OwnRules>();
  VETSET_TRY(const Heard heard, hear_out(request_of(judged, {}, true)));
  if (!heard.said) return std::shared_ptr<const OwnRules>();
  return own_rules_of(heard.said->at("rules"));
}

}  // namespace vetset::cli
