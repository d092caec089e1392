#include "vetset/package/licence_names.h"

#include <algorithm>

#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/base/yaml.h"

namespace vetset {
namespace {

struct Known {
  std::string_view spdx;
  std::string_view names;  // folded, with '|' between
  std::string_view link;   // that its page begins with, without scheme and "www."
};
constexpr Known known_licences[] = {
    {"Apache-2.0", "apache-2.0|apache 2.0|apache license 2.0|apache license, version 2.0",
     "apache.org/licenses/license-2.0"},
    {"MIT", "mit|mit license|the mit license", "opensource.org/licenses/mit"},
    {"BSD-2-Clause", "bsd-2-clause|bsd 2-clause", "opensource.org/licenses/bsd-2-clause"},
    {"BSD-3-Clause", "bsd-3-clause|bsd 3-clause", "opensource.org/licenses/bsd-3-clause"},
    {"GPL-3.0-only", "gpl-3.0-only", ""},
    {"AGPL-3.0-only", "agpl-3.0-only", ""},
    {"ODbL-1.0", "odbl-1.0|odbl v1.0|open database license 1.0", "opendatacommons.org/licenses/odbl/1-0"},
    {"ODC-By-1.0", "odc-by-1.0", "opendatacommons.org/licenses/by/1-0"},
    {"PDDL-1.0", "pddl-1.0", "opendatacommons.org/licenses/pddl/1-0"},
    {"CDLA-Permissive-2.0", "cdla-permissive-2.0", "cdla.dev/permissive-2-0"},
    {"CC0-1.0", "cc0-1.0|cc0 1.0|cc0|cc0: public domain", "creativecommons.org/publicdomain/zero/1.0"},
};

constexpr std::string_view cc_kinds[] = {"by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd"};
constexpr std::string_view cc_versions[] = {"1.0", "2.0", "2.5", "3.0", "4.0"};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return out;
}

/// "by-nc 4.0" → "CC-BY-NC-4.0".
std::string creative_commons(std::string_view kind, std::string_view version) {
  if (std::find(std::begin(cc_kinds), std::end(cc_kinds), kind) == std::end(cc_kinds)) return {};
  if (std::find(std::begin(cc_versions), std::end(cc_versions), version) == std::end(cc_versions)) return {};
  return "CC-" + upper(kind) + "-" + std::string(version);
}

std::string by_link(std::string_view url) {
  std::string link = fold(url);
  for (const std::string_view start : {"http://", "https://", "www."})
    if (link.starts_with(start)) link.erase(0, start.size());
  constexpr std::string_view cc = "creativecommons.org/licenses/";
  if (link.starts_with(cc)) {
    const std::string_view rest = std::string_view(link).substr(cc.size());
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view version = rest.substr(std::min(slash + 1, rest.size()));
    return creative_commons(rest.substr(0, slash), version.substr(0, version.find('/')));
  }
  for (const Known& k : known_licences)
    if (!k.link.empty() && link.starts_with(k.link) &&
        (link.size() == k.link.size() || link[k.link.size()] == '/' || link[k.link.size()] == '.'))
      return std::string(k.spdx);
  return {};
}

std::string by_name(std::string_view given) {
  std::string name = fold(given);
  for (const Known& k : known_licences)
    for (std::string_view names = k.names; !names.empty();) {
      const std::size_t end = std::min(names.find('|'), names.size());
      if (names.substr(0, end) == name) return std::string(k.spdx);
      names.remove_prefix(std::min(end + 1, names.size()));
    }
  // "CC BY-NC 4.0", "cc-by-nc-4.0"
  if (!name.starts_with("cc ") && !name.starts_with("cc-")) return {};
  std::replace(name.begin(), name.end(), ' ', '-');
  const std::size_t last = name.rfind('-');
  return last <= 3
             ? std::string()
             : creative_commons(std::string_view(name).substr(3, last - 3), std::string_view(name).substr(last + 1));
}

void add(std::vector<NamedLicence>& all, NamedLicence one) {
  if (one.name.empty() && one.url.empty()) return;
  one.spdx = spdx_id(one.name, one.url);
  const auto same = std::find_if(all.begin(), all.end(),
                                 [&](const NamedLicence& l) { return l.name == one.name && l.url == one.url; });
  if (same == all.end())
    all.push_back(std::move(one));
  else
    same->images += one.images;
}

}  // namespace

std::string spdx_id(std::string_view name, std::string_view url) {
  std::string found = by_link(url);
  return found.empty() ? by_name(name) : found;
}

std::vector<NamedLicence> licences_of(const Dataset& d) {
  std::vector<std::uint64_t> images(d.licences.size());
  for (const Image& i : d.images)
    if (i.licence != none<LicenceIndex> && to_size(i.licence) < images.size()) ++images[to_size(i.licence)];
  std::vector<NamedLicence> all;
  for (std::size_t i = 0; i < d.licences.size(); ++i)
    add(all, {.name = d.licences[i].name, .url = d.licences[i].url, .spdx = {}, .images = images[i]});
  if (d.residue.empty()) return all;
  if (const auto own = parse_yaml(d.residue))
    if (const Yaml* export_of = own->find("roboflow"); export_of != nullptr)
      if (const Yaml* licence = export_of->find("license"); licence != nullptr)
        add(all, {.name = std::string(licence->text), .url = {}, .spdx = {}});
  return all;
}

std::string rights_json(const Dataset& d, const Answers& answers) {
  std::string licence = answers.text("rights.licence");
  if (const std::string known = spdx_id(licence, licence); !known.empty()) licence = known;
  if (licence.empty()) {
    for (const NamedLicence& l : licences_of(d)) {
      if (l.spdx.empty()) {  // one that has no name that all know: the whole has none
        licence.clear();
        break;
      }
      if (licence.find(l.spdx) == std::string::npos) licence += (licence.empty() ? "" : " AND ") + l.spdx;
    }
  }
  std::string out;
  JsonWriter w(out);
  w.begin_object();  // keys in their canonical order
  const auto put = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) w.key(key).value(nfc(value));
  };
  put("consent_basis", answers.text("people.consent_basis"));
  put("personal_data", answers.text("people.personal_data"));
  put("spdx", licence);
  const std::string training = answers.text("rights.ai_training"), mining = answers.text("rights.data_mining");
  if (!training.empty() || !mining.empty()) {
    w.key("use").begin_object();
    put("ai_training", training);
    put("data_mining", mining);
    w.end_object();
  }
  w.end_object();
  return out == "{}" ? std::string() : out;
}

}  // namespace vetset
