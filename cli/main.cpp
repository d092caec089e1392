// The program `vetset`: reads the command line, runs one command, and returns what the command says.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>

#include "cli/command.h"
#include "vetset/base/nearest.h"
#include "vetset/base/unicode.h"
#include "vetset/vetset.h"

namespace vetset::cli {

#define VETSET_COMMAND(name) extern const Command name##_command;
#include "cli/commands.def"
#undef VETSET_COMMAND

std::span<const Command* const> commands() {
  static constexpr const Command* all[] = {
#define VETSET_COMMAND(name) &name##_command,
#include "cli/commands.def"
#undef VETSET_COMMAND
  };
  return all;
}

namespace {

/// `vetset --help`: the verbs people see first, then the others, then how to go on.
class Help final : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override {
    if (app->get_parent() == nullptr) return program_help();
    const Command* command = nullptr;
    for (const Command* c : commands())
      if (c->name == app->get_name()) command = c;
    std::string text = std::string(command->summary) + "\n\n" + make_usage(app, name);
    if (!command->about.empty()) text += "\n" + std::string(command->about);
    text += make_positionals(app) + make_groups(app, mode);
    if (!command->examples.empty()) text += "\nExamples:\n";
    std::size_t width = 0;
    for (const Example& e : command->examples) width = std::max(width, e.command.size());
    for (const Example& e : command->examples)
      text += "  " + padded(e.command, width) + "   " + std::string(e.what) + "\n";
    return text;
  }

  /// The placeholder alone: the choices and whether it must be given stand in the words beside it and in the usage.
  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string type = option->get_type_name();
    const std::string placeholder = type.substr(0, type.find(':'));
    return placeholder.empty() ? placeholder : " " + placeholder;
  }

  std::string make_usage(const CLI::App* app, std::string) const override {
    std::string usage = "Usage: vetset " + app->get_name();
    for (const CLI::Option* o : app->get_options([](const CLI::Option* o) { return o->get_positional(); }))
      usage += (o->get_required() ? " " + o->get_name(true) : " [" + o->get_name(true) + "]") +
               (o->get_items_expected_max() > 1 ? "..." : "");
    return usage + " [flags]\n";
  }

 private:
  static std::string program_help() {
    std::string text = "vetset " + std::string(version()) +
                       ": a folder of images and labels in, a dataset that can be trusted out\n\n";
    text += "Usage: vetset VERB SRC [DST] [flags]\n";
    for (const bool first : {true, false}) {
      text += first ? "\nStart here:\n" : "\nThen:\n";
      for (const Command* c : commands())
        if (c->first == first) text += "  " + padded(c->name, 12) + std::string(c->summary) + "\n";
    }
    text +=
        "\nSRC is a dataset's folder, an archive of it (zip, tar), or one annotation file.\n"
        "Exit status: 0 yes, 1 no, 2 could not do it, 3 a defect of vetset.\n\n"
        "  vetset check export.zip        the first look at an export\n"
        "  vetset VERB --help             what a verb takes, with examples\n";
    return text;
  }
};

/// What is wrong with the command line. CLI11 asks for what is missing before it looks at what it does not know; people
/// who misspell a flag want to hear of that.
std::string complaint(const CLI::App& app, const CLI::ParseError& error, std::string_view verb) {
  std::vector<std::string> known;
  const auto chosen = app.get_subcommands();
  if (chosen.empty()) {
    for (const Command* c : commands()) known.emplace_back(c->name);
    if (!verb.empty() && verb[0] != '-')
      return "there is no verb '" + printable(verb) + "'" + did_you_mean(verb, known);
    return verb.empty() ? "expected a verb" : "there is no flag '" + printable(verb) + "'";
  }
  for (const std::string& word : chosen.front()->remaining()) {
    if (!word.starts_with('-') || word == "-") continue;
    for (const CLI::Option* o : chosen.front()->get_options())
      for (const std::string& name : o->get_lnames()) known.push_back("--" + name);
    const std::string flag = word.substr(0, word.find('='));
    return "there is no flag '" + printable(flag) + "'" + did_you_mean(flag, known);
  }
  if (!chosen.front()->remaining().empty())
    return "did not expect '" + printable(chosen.front()->remaining().front()) + "'";
  std::string what = error.what();
  // CLI11 says "Could not convert: --threads = x".
  constexpr std::string_view unread = "Could not convert: ";
  const std::size_t equals = what.find(" = ");
  if (what.starts_with(unread) && equals != std::string::npos)
    return what.substr(unread.size(), equals - unread.size()) + ": expected a whole number from 0 on, found '" +
           printable(what.substr(equals + 3)) + "'";
  if (!what.empty() && what.back() == '\n') what.pop_back();
  return printable(what);
}

int run(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away is seen where it is written to
  CLI::App app("vetset");
  app.name("vetset");
  auto help = std::make_shared<Help>();
  help->column_width(26);
  help->label("Positionals", "Takes");
  help->label("Options", "Flags");
  app.formatter(help);
  app.set_help_flag("-h,--help", "this help");
  app.set_version_flag("--version", "vetset " + std::string(version()));
  app.require_subcommand(1);

  struct Ready {
    const Command* command;
    CLI::App* app;
    std::function<int(Terminal&)> go;
  };
  std::string color = "auto";
  bool quiet = false;
  std::vector<Ready> ready;
  for (const Command* command : commands()) {
    CLI::App* sub = app.add_subcommand(std::string(command->name), std::string(command->summary));
    sub->formatter(help);
    Arguments arguments(*sub);
    ready.push_back({command, sub, command->define(arguments)});
    arguments.common(color, quiet);
  }

  if (argc == 1) {
    std::fputs(app.help().c_str(), stdout);
    return Exit::could_not;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const auto chosen = app.get_subcommands();
    std::fputs((chosen.empty() ? app.help() : chosen.front()->help()).c_str(), stdout);
    return Exit::yes;
  } catch (const CLI::CallForVersion&) {
    std::printf("vetset %s\n", std::string(version()).c_str());
    return Exit::yes;
  } catch (const CLI::ParseError& e) {
    const auto chosen = app.get_subcommands();
    const std::string verb = chosen.empty() ? "" : " " + chosen.front()->get_name();
    const std::string what = complaint(app, e, argv[1]);
    std::fprintf(stderr, "vetset: %s; 'vetset%s --help' tells what there is\n", what.c_str(), verb.c_str());
    return Exit::could_not;
  }

  Terminal terminal(color == "always"  ? Terminal::Color::always
                    : color == "never" ? Terminal::Color::never
                                       : Terminal::Color::automatic,
                    quiet);
  for (const Ready& r : ready)
    if (r.app->parsed()) return r.go(terminal);
  return Exit::could_not;
}

}  // namespace
}  // namespace vetset::cli

int main(int argc, char** argv) {
  try {
    return vetset::cli::run(argc, argv);
  } catch (const std::bad_alloc&) {
    std::fputs("vetset: out of memory\n", stderr);
    return vetset::cli::Exit::could_not;
  }
}
