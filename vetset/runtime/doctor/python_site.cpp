#include "vetset/runtime/doctor/python_site.h"

#include <algorithm>
#include <optional>

namespace vetset {
namespace {

constexpr std::size_t most_libraries = 20'000;
constexpr unsigned deepest_folder = 12;

/// The value of a header of METADATA or WHEEL, which end at the first empty line.
std::vector<std::string> headers(std::string_view text, std::string_view name) {
  std::vector<std::string> values;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) break;
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ':')
      values.emplace_back(trimmed(line.substr(name.size() + 1)));
  }
  return values;
}

void add_packages(const RootFiles& files, const std::string& site, std::vector<Distribution>& out) {
  for (const std::string& entry : files.names(site)) {
    if (!entry.ends_with(".dist-info")) continue;
    Distribution d;
    d.site = site;
    d.folder = site + '/' + entry;
    const std::string metadata = files.text(d.folder + "/METADATA");
    const auto name = headers(metadata, "Name"), version = headers(metadata, "Version");
    if (name.empty() || version.empty()) continue;  // what pip left of a package that is gone
    d.name = distribution_name(name[0]);
    d.version = version[0];
    d.tags = headers(files.text(d.folder + "/WHEEL"), "Tag");
    out.push_back(std::move(d));
  }
}

std::vector<std::string> sites_of(const RootFiles& files, const std::string& prefix) {
  std::vector<std::string> sites;
  for (const char* lib : {"/lib", "/lib64", "/local/lib"})
    for (const std::string& python : files.names(prefix + lib))
      if (python.starts_with("python3"))
        for (const char* packages : {"/site-packages", "/dist-packages"}) {
          const auto real = files.real(prefix + lib + "/" + python + packages);
          if (real && files.is_folder(*real) && std::find(sites.begin(), sites.end(), *real) == sites.end())
            sites.push_back(*real);
        }
  return sites;
}

void libraries_in(const RootFiles& files, const std::string& folder, unsigned depth, std::vector<std::string>& out) {
  if (depth > deepest_folder || out.size() >= most_libraries) return;
  for (const std::string& entry : files.names(folder)) {
    const std::string path = folder + '/' + entry;
    if (entry.ends_with(".py") || entry.ends_with(".pyc") || entry.ends_with(".dist-info")) continue;
    if (entry.ends_with(".so") || entry.find(".so.") != std::string::npos) {
      if (files.is_file(path)) out.push_back(path);
    } else if (entry.find('.') == std::string::npos || entry.ends_with(".libs")) {
      const auto real = files.real(path);
      if (real == path && files.is_folder(path)) libraries_in(files, path, depth + 1, out);
    }
  }
}

}  // namespace

std::string distribution_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool sign = c == '-' || c == '_' || c == '.';
    if (sign && !out.empty() && out.back() == '-') continue;
    out += sign ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

const Distribution* PythonEnvironment::find(std::string_view name) const {
  for (const Distribution& d : packages)
    if (d.name == name) return &d;
  return nullptr;
}

std::vector<PythonEnvironment> python_environments(const RootFiles& files,
                                                   const std::map<std::string, std::string, std::less<>>& environment) {
  std::vector<std::string> prefixes;
  const auto add = [&](const std::string& prefix) {
    const auto real = files.real(prefix);
    if (real && *real != "/" && std::find(prefixes.begin(), prefixes.end(), *real) == prefixes.end())
      prefixes.push_back(*real);
  };
  for (const char* name : {"VIRTUAL_ENV", "CONDA_PREFIX"})
    if (const auto it = environment.find(name); it != environment.end()) add(it->second);
  if (const auto it = environment.find("PATH"); it != environment.end())
    for (const std::string& folder : parts(it->second, ':'))
      if (files.is_file(folder + "/python3")) {
        // A virtual environment is known by pyvenv.cfg beside bin/, pyenv by its shims; else the program's own place
        // counts.
        if (files.is_file(folder + "/../pyvenv.cfg"))
          add(folder + "/..");
        else if (folder.ends_with("/.pyenv/shims"))
          add(folder + "/../versions/" + files.line(folder + "/../version"));
        else if (const auto program = files.real(folder + "/python3"))
          add(*program + "/../..");
        break;
      }
  const bool named = !prefixes.empty();
  if (!files.is_here() || !named)
    for (const char* usual : {"/opt/venv", "/venv", "/app/.venv", "/opt/conda", "/usr/local", "/usr", "/root/.local"})
      add(usual);
  std::vector<PythonEnvironment> all;
  for (const std::string& prefix : prefixes) {
    PythonEnvironment e;
    e.prefix = prefix;
    e.sites = sites_of(files, prefix);
    for (const std::string& site : e.sites) add_packages(files, site, e.packages);
    std::sort(e.packages.begin(), e.packages.end(), [](const Distribution& a, const Distribution& b) {
      return a.name != b.name ? a.name < b.name : a.folder < b.folder;
    });
    if (!e.packages.empty()) all.push_back(std::move(e));
  }
  return all;
}

PythonEnvironment python_site(const RootFiles& files, const std::string& folder) {
  PythonEnvironment e;
  e.prefix = folder;
  if (const auto real = files.real(folder)) {
    e.prefix = *real;
    e.sites = sites_of(files, *real);
    if (e.sites.empty()) e.sites.push_back(*real);
  }
  for (const std::string& site : e.sites) add_packages(files, site, e.packages);
  std::sort(e.packages.begin(), e.packages.end(), [](const Distribution& a, const Distribution& b) {
    return a.name != b.name ? a.name < b.name : a.folder < b.folder;
  });
  return e;
}

std::vector<std::string> recorded_files(const RootFiles& files, const Distribution& package) {
  std::vector<std::string> all;
  const auto bytes = files.read(package.folder + "/RECORD");
  if (!bytes) return all;
  for (const std::string& line : parts(bytes->text(), '\n')) {
    std::string_view path = line;
    if (path.starts_with('"'))
      path = path.substr(1, path.find('"', 1) - 1);
    else
      path = path.substr(0, path.find(','));
    if (!path.empty()) all.emplace_back(path);
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<std::string> libraries_below(const RootFiles& files, const std::string& folder) {
  std::vector<std::string> all;
  libraries_in(files, folder, 0, all);
  return all;
}

}  // namespace vetset
