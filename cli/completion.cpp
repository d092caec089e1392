// vetset completion: shell scripts that complete verbs, flags and their values, made from what the commands declare.
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "vetset/vetset.h"

namespace vetset::cli {
namespace {

struct Words {
  std::string verb, summary;
  struct Flag {
    std::string name, help, placeholder;
    std::vector<std::string> values;
  };
  std::vector<Flag> flags;
};

/// What a flag can be: as its command declares it; any format where it takes one.
std::vector<std::string> values_of(const Arguments& arguments, const std::string& name,
                                   const std::string& placeholder) {
  std::vector<std::string> values = arguments.values_of(name);
  if (values.empty() && placeholder == "FORMAT")
    for (const Format* f : formats()) values.emplace_back(f->id);
  return values;
}

/// "WHEN" of "WHEN:{auto,always,never}".
std::string placeholder_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  return type.substr(0, type.find(':'));
}

std::vector<Words> all_words() {
  std::vector<Words> all;
  for (const Command* command : commands()) {
    CLI::App app;
    Arguments arguments(app);
    const auto unused = command->define(arguments);
    std::string color;
    bool quiet = false;
    arguments.common(color, quiet);
    Words words{std::string(command->name), std::string(command->summary), {}};
    for (const CLI::Option* o : app.get_options([](const CLI::Option* o) { return !o->get_positional(); }))
      for (const std::string& name : o->get_lnames())
        words.flags.push_back({"--" + name, o->get_description(), placeholder_of(*o),
                               values_of(arguments, "--" + name, placeholder_of(*o))});
    all.push_back(std::move(words));
  }
  return all;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string bash_script() {
  std::string verbs, cases, values;
  for (const Words& w : all_words()) {
    verbs += (verbs.empty() ? "" : " ") + w.verb;
    std::vector<std::string> flags;
    for (const Words::Flag& f : w.flags) {
      flags.push_back(f.name);
      if (!f.values.empty())
        values += "    " + w.verb + "," + f.name + ") COMPREPLY=($(compgen -W \"" + joined(f.values) +
                  "\" -- \"$word\")); return ;;\n";
    }
    cases += "    " + w.verb + ") flags=\"" + joined(flags) + "\" ;;\n";
  }
  return "_vetset() {\n"
         "  local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\" verb=\"${COMP_WORDS[1]}\" "
         "flags=\"\"\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then COMPREPLY=($(compgen -W \"" +
         verbs +
         " --help --version\" -- \"$word\")); return; fi\n"
         "  case \"$verb,$before\" in\n" +
         values +
         "  esac\n"
         "  case \"$verb\" in\n" +
         cases +
         "  esac\n"
         "  case \"$word\" in\n"
         "    -*) COMPREPLY=($(compgen -W \"$flags --help\" -- \"$word\")) ;;\n"
         "    *) compopt -o default; COMPREPLY=() ;;\n"
         "  esac\n"
         "}\n"
         "complete -F _vetset vetset\n";
}

/// Text between single quotes of zsh's _arguments, whose own signs are escaped.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
      continue;
    }
    if (c == '[' || c == ']' || c == ':') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_script() {
  std::string verbs, cases;
  for (const Words& w : all_words()) {
    verbs += "    '" + w.verb + ":" + zsh_text(w.summary) + "'\n";
    cases += "    " + w.verb + ") _arguments";
    for (const Words::Flag& f : w.flags) {
      cases += " '" + f.name + "[" + zsh_text(f.help) + "]";
      if (!f.placeholder.empty())
        cases += ":" + zsh_text(f.placeholder) + ":" +
                 (f.values.empty() ? std::string("_files") : "(" + joined(f.values) + ")");
      cases += "'";
    }
    cases += " '*:path:_files' ;;\n";
  }
  return "#compdef vetset\n_vetset() {\n  local -a verbs\n  verbs=(\n" + verbs +
         "  )\n  if (( CURRENT == 2 )); then _describe verb verbs; return; fi\n"
         "  local verb=$words[2]\n  shift words; (( CURRENT-- ))\n  case $verb in\n" +
         cases + "  esac\n}\ncompdef _vetset vetset\n";
}

std::string fish_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out + "'";
}

std::string fish_script() {
  std::string out = "complete -c vetset -n __fish_use_subcommand -f\n";
  for (const Words& w : all_words()) {
    out += "complete -c vetset -n __fish_use_subcommand -a " + w.verb + " -d " + fish_text(w.summary) + "\n";
    for (const Words::Flag& f : w.flags) {
      out += "complete -c vetset -n '__fish_seen_subcommand_from " + w.verb + "' -l " + f.name.substr(2) + " -d " +
             fish_text(f.help);
      if (!f.values.empty()) out += " -x -a " + fish_text(joined(f.values));
      if (f.values.empty() && !f.placeholder.empty()) out += " -r";
      out += "\n";
    }
  }
  return out;
}

constexpr Example examples[] = {
    {"source <(vetset completion bash)", "for this shell"},
    {"vetset completion zsh > ~/.zfunc/_vetset", "for all shells to come"},
};

}  // namespace

extern const Command completion_command;
const Command completion_command{.name = "completion",
                                 .summary = "print a script that completes vetset in bash, zsh or fish",
                                 .about = {},
                                 .examples = examples,
                                 .first = false,
                                 .define = [](Arguments& a) -> std::function<int(Terminal&)> {
                                   auto shell = std::make_shared<std::string>();
                                   a.positional("SHELL", *shell, "bash, zsh or fish");
                                   return [shell](Terminal& t) -> int {
                                     if (*shell == "bash") t.out(bash_script());
                                     if (*shell == "zsh") t.out(zsh_script());
                                     if (*shell == "fish") t.out(fish_script());
                                     if (*shell == "bash" || *shell == "zsh" || *shell == "fish") return Exit::yes;
                                     return t.fail({Code::usage, "expected bash, zsh or fish, found '" + *shell + "'"});
                                   };
                                 }};

}  // namespace vetset::cli
