// vetset key: a key pair to sign with, and what a key file is.
#include "cli/command.h"
#include "cli/passphrase.h"
#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/vetset.h"

namespace vetset::cli {
namespace {

struct KeyFlags {
  std::string verb, path;
  int passphrase_fd = -1;
  bool json = false;
};

int run_show(Terminal& t, const KeyFlags& f) {
  std::string passphrase;
  if (f.passphrase_fd >= 0) {
    auto given = passphrase_for(f.path, f.passphrase_fd);
    if (!given) return t.fail(given.error());
    passphrase = *std::move(given);
  }
  const auto key = show_key(f.path, passphrase);
  if (!key) return t.fail(key.error());
  const bool known = !key->public_key.hint.empty();
  if (f.json) {
    std::string out;
    JsonWriter w(out);
    w.begin_object().key("file").value(f.path).key("private").value(key->is_private);
    w.key("encrypted").value(key->encrypted).key("type").value(known ? key->public_key.curve : std::string_view());
    w.key("key").value(key->public_key.hint).end_object();
    t.out(pretty_json(out) + '\n');
    return Exit::yes;
  }
  t.out(std::string(key->is_private ? "private  " : "public   ") + printable(f.path) +
        (!key->is_private ? ""
         : key->encrypted ? "  encrypted"
                          : "  not encrypted: keep it to yourself") +
        "\n");
  if (!known) {
    t.out("key      its passphrase tells (--passphrase-fd N); the public half tells without\n");
    return Exit::yes;
  }
  t.out("type     " + std::string(key->public_key.curve) + "\nkey      " + key->public_key.hint + "\n");
  return Exit::yes;
}

int run_key(Terminal& t, const KeyFlags& f) {
  if (f.verb == "show") return run_show(t, f);
  if (f.verb != "new") return t.fail({Code::usage, "expected 'vetset key new' or 'show', found '" + f.verb + "'"});
  const auto passphrase = new_passphrase(f.passphrase_fd);
  if (!passphrase) return t.fail(passphrase.error());
  const auto made = new_key(f.path, *passphrase);
  if (!made) return t.fail(made.error());
  if (f.json) {
    std::string out;
    JsonWriter(out)
        .begin_object()
        .key("private")
        .value(made->private_path)
        .key("public")
        .value(made->public_path)
        .key("key")
        .value(made->hint)
        .end_object();
    t.out(pretty_json(out) + '\n');
    return Exit::yes;
  }
  t.out("private  " + printable(made->private_path) +
        (passphrase->empty() ? "  not encrypted: keep it to yourself" : "  encrypted") + "\n");
  t.out("public   " + printable(made->public_path) + "  give it to those who verify\n");
  t.out("key      " + made->hint + "\n");
  return Exit::yes;
}

constexpr Example examples[] = {{"vetset key new team.key", "makes team.key and team.key.pub"},
                                {"vetset key show team.key.pub", "its number and type"}};

}  // namespace

extern const Command key_command;
const Command key_command{
    .name = "key",
    .summary = "make a key pair to sign with, or show what a key is",
    .about = {},
    .examples = examples,
    .first = false,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<KeyFlags>();
      a.positional("VERB", f->verb, "new, show")
          .positional("FILE", f->path, "new: where the private key goes, the public one gets .pub; show: a key file")
          .option("--passphrase-fd", f->passphrase_fd, "N", "read the passphrase from this file descriptor")
          .flag("--json", f->json, "print JSON");
      return [f](Terminal& t) { return run_key(t, *f); };
    }};

}  // namespace vetset::cli
