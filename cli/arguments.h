// What a command takes, declared once: the help text, the parsing and the completions all come from it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace vetset::cli {

/// Declares arguments of one command. The variables are set before the command runs.
class Arguments {
 public:
  explicit Arguments(CLI::App& app) : app_(app) {}
  Arguments& positional(std::string_view name, std::string& value, std::string_view help, bool required = true);
  /// All words that are left.
  Arguments& positionals(std::string_view name, std::vector<std::string>& values, std::string_view help);
  Arguments& option(std::string_view flags, std::string& value, std::string_view placeholder, std::string_view help,
                    std::vector<std::string> choices = {});
  Arguments& list(std::string_view flags, std::vector<std::string>& values, std::string_view placeholder,
                  std::string_view help);
  Arguments& option(std::string_view flags, int& value, std::string_view placeholder, std::string_view help);
  Arguments& option(std::string_view flags, unsigned& value, std::string_view placeholder, std::string_view help);
  Arguments& flag(std::string_view flags, bool& value, std::string_view help);
  /// Values for the option declared last that shells complete; others are taken, too.
  Arguments& suggest(std::vector<std::string> values);
  /// What an option can be or is suggested to be, by its long name ("--images"); empty where anything goes.
  std::vector<std::string> values_of(std::string_view name) const;

  /// What every verb takes besides.
  Arguments& common(std::string& color, bool& quiet) {
    return option("--color", color, "WHEN", "colours: auto, always, never", {"auto", "always", "never"})
        .flag("-q,--quiet", quiet, "no progress line");
  }

 private:
  void declared(std::string_view flags, std::vector<std::string> values);

  CLI::App& app_;
  std::vector<std::pair<std::string, std::vector<std::string>>> values_;  // as declared: "-q,--quiet"
};

}  // namespace vetset::cli
