// A machine as a document: docs/schema/machine-v1.json.
#include <algorithm>
#include <limits>

#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/runtime/doctor/machine.h"

namespace vetset {
namespace {

/// Reads the fields of one object, and remembers the first that is wrong.
class ProfileFields {
 public:
  ProfileFields(const Json& object, std::string place, std::optional<Error>& error)
      : object_(object), place_(std::move(place)), error_(error) {
    if (object.type() != JsonType::object) fail("", "an object");
  }

  void text(std::string_view key, std::string& to) const {
    if (const Json* v = value(key, JsonType::string, "text")) to = v->text();
  }
  void version(std::string_view key, Version& to) const {
    const Json* v = value(key, JsonType::string, "a version in quotes");
    if (v == nullptr) return;
    to = Version::of(v->text());
    if (!to) fail(key, "a version like \"2.36\"");
  }
  template <class T>
  void whole(std::string_view key, T& to) const {
    const Json* v = value(key, JsonType::number, "a whole number");
    if (v == nullptr) return;
    const double n = v->number();
    const double most = std::min(9e15, static_cast<double>(std::numeric_limits<T>::max()));
    if (!(n >= 0 && n <= most) || n != static_cast<double>(static_cast<std::uint64_t>(n)))
      return fail(key, "a whole number from 0");
    to = static_cast<T>(n);
  }
  void number(std::string_view key, double& to) const {
    const Json* v = value(key, JsonType::number, "a number");
    if (v == nullptr) return;
    if (!(v->number() >= 0 && v->number() < 1e6)) return fail(key, "a number from 0");
    to = v->number();
  }
  void boolean(std::string_view key, bool& to) const {
    if (const Json* v = value(key, JsonType::boolean, "true or false")) to = v->boolean();
  }
  void texts(std::string_view key, std::vector<std::string>& to) const {
    const Json* v = value(key, JsonType::array, "a list of texts");
    if (v == nullptr) return;
    for (const Json& one : v->elements()) {
      if (one.type() != JsonType::string) return fail(key, "a list of texts");
      to.emplace_back(one.text());
    }
  }
  const Json* object(std::string_view key) const { return value(key, JsonType::object, "an object"); }
  const Json* list(std::string_view key) const { return value(key, JsonType::array, "a list"); }
  std::string inside(std::string_view key) const { return place_ + std::string(key) + "."; }
  /// Names that mean nothing here are refused: a word misspelt would be a fact left out.
  void only(std::initializer_list<std::string_view> names) const {
    for (const auto& [key, v] : object_.members())
      if (std::find(names.begin(), names.end(), key) == names.end() && !error_)
        error_ = Error{Code::malformed, "'" + place_ + printable(key) + "' is no field of a machine's profile"};
  }
  void fail(std::string_view key, const char* expected) const {
    if (!error_)
      error_ = Error{Code::malformed, "expected " + std::string(expected) + " as '" + place_ + std::string(key) + "'"};
  }

 private:
  const Json* value(std::string_view key, JsonType type, const char* expected) const {
    const Json* v = object_.find(key);
    if (v == nullptr || v->type() == JsonType::null) return nullptr;
    if (v->type() != type) {
      fail(key, expected);
      return nullptr;
    }
    return v;
  }

  const Json& object_;
  std::string place_;
  std::optional<Error>& error_;
};

/// "sm_86", "8.6" or "86" as 86; 0 where it is none of these.
std::uint32_t arch_number(std::string_view text) {
  if (text.starts_with("sm_")) text.remove_prefix(3);
  const Version v = Version::of(text);
  const std::uint32_t arch = v.parts.size() == 2 && v.minor() < 10 ? v.major() * 10 + v.minor() : v.major();
  return arch < 1000 ? arch : 0;
}

}  // namespace

Result<Machine> parse_profile(std::string_view json, std::string_view file) {
  auto parsed = Json::parse(json);
  if (!parsed) return std::move(parsed).error().in(file);
  std::optional<Error> error;
  Machine m;
  const ProfileFields top(*parsed, "", error);
  std::uint32_t form = 0;
  top.whole("vetset_machine", form);
  if (!error && form != 1)
    return Error{Code::unsupported, "expected \"vetset_machine\": 1, the form of a machine's profile",
                 std::string(file)};
  top.only({"$schema", "vetset_machine", "name", "arch", "system", "libc", "cpu", "memory", "gpu", "container",
            "environment", "libraries"});
  m.name = base_name(file);
  top.text("name", m.name);
  top.text("arch", m.arch);
  top.text("system", m.system);
  if (const Json* one = top.object("libc")) {
    const ProfileFields f(*one, top.inside("libc"), error);
    f.only({"kind", "version", "glibcxx", "cxxabi"});
    f.text("kind", m.libc);
    if (!m.libc.empty() && m.libc != "glibc" && m.libc != "musl") f.fail("kind", "glibc or musl");
    f.version("version", m.libc_version);
    if (m.libc.empty() && m.libc_version) m.libc = "glibc";
    f.version("glibcxx", m.glibcxx);
    f.version("cxxabi", m.cxxabi);
  }
  if (const Json* one = top.object("cpu")) {
    const ProfileFields f(*one, top.inside("cpu"), error);
    f.only({"model", "flags", "online", "allowed", "quota", "throttled", "numa_nodes"});
    f.text("model", m.cpu);
    f.texts("flags", m.cpu_flags);
    std::sort(m.cpu_flags.begin(), m.cpu_flags.end());
    f.whole("online", m.cpus);
    f.whole("allowed", m.cpus_allowed);
    f.number("quota", m.cpu_quota);
    f.whole("throttled", m.throttled);
    f.whole("numa_nodes", m.numa_nodes);
  }
  if (const Json* one = top.object("memory")) {
    const ProfileFields f(*one, top.inside("memory"), error);
    f.only({"total", "limit", "shm"});
    f.whole("total", m.memory);
    f.whole("limit", m.memory_limit);
    f.whole("shm", m.shm);
  }
  if (const Json* one = top.object("gpu")) {
    const ProfileFields f(*one, top.inside("gpu"), error);
    f.only({"driver", "devices"});
    f.version("driver", m.driver);
    if (const Json* devices = f.list("devices"))
      for (const Json& d : devices->elements()) {
        const ProfileFields device(d, f.inside("devices"), error);
        device.only({"name", "arch"});
        Gpu gpu;
        std::string arch;
        device.text("name", gpu.name);
        device.text("arch", arch);
        gpu.arch = arch.empty() ? gpu_arch(gpu.name) : arch_number(arch);
        if (gpu.arch == 0) device.fail("arch", "an architecture like \"sm_86\"");
        m.gpus.push_back(std::move(gpu));
      }
    m.gpu_devices = !m.gpus.empty();
  }
  if (const Json* one = top.object("container")) {
    const ProfileFields f(*one, top.inside("container"), error);
    f.only({"kind", "read_only", "seccomp", "ca_bundle"});
    f.text("kind", m.container);
    f.boolean("read_only", m.read_only);
    f.boolean("seccomp", m.seccomp);
    f.boolean("ca_bundle", m.ca_bundle);
  }
  if (const Json* one = top.object("environment"))
    for (const auto& [key, v] : one->members()) {
      if (v.type() != JsonType::string) top.fail("environment", "texts only");
      m.environment[key] = v.text();
    }
  if (top.list("libraries") != nullptr) top.texts("libraries", m.libraries.emplace());
  if (error) return std::move(*error).in(file);
  return m;
}

std::string to_profile(const Machine& m) {
  std::string out;
  JsonWriter w(out);
  const auto text = [&](const char* key, std::string_view value) {
    if (!value.empty()) w.key(key).value(value);
  };
  const auto number = [&](const char* key, std::uint64_t value) {
    if (value != 0) w.key(key).value(value);
  };
  w.begin_object().key("vetset_machine").value(1).key("name").value(m.name);
  text("arch", m.arch);
  text("system", m.system);
  w.key("libc").begin_object();
  text("kind", m.libc);
  text("version", to_string(m.libc_version));
  text("glibcxx", to_string(m.glibcxx));
  text("cxxabi", to_string(m.cxxabi));
  w.end_object().key("cpu").begin_object();
  text("model", m.cpu);
  number("online", m.cpus);
  number("allowed", m.cpus_allowed);
  if (m.cpu_quota > 0) w.key("quota").value(m.cpu_quota);
  number("throttled", m.throttled);
  number("numa_nodes", m.numa_nodes);
  w.key("flags").begin_array();
  for (const std::string& flag : m.cpu_flags) w.value(flag);
  w.end_array().end_object().key("memory").begin_object();
  number("total", m.memory);
  number("limit", m.memory_limit);
  number("shm", m.shm);
  w.end_object().key("gpu").begin_object();
  text("driver", driver_text(m.driver));
  w.key("devices").begin_array();
  for (const Gpu& gpu : m.gpus) {
    w.begin_object().key("name").value(gpu.name);
    if (gpu.arch != 0) w.key("arch").value("sm_" + std::to_string(gpu.arch));
    w.end_object();
  }
  w.end_array().end_object().key("container").begin_object();
  text("kind", m.container);
  w.key("read_only")
      .value(m.read_only)
      .key("seccomp")
      .value(m.seccomp)
      .key("ca_bundle")
      .value(m.ca_bundle)
      .end_object();
  w.key("environment").begin_object();
  for (const auto& [key, value] : m.environment) w.key(key).value(value);
  w.end_object();
  if (m.libraries) {
    w.key("libraries").begin_array();
    for (const std::string& one : *m.libraries) w.value(one);
    w.end_array();
  }
  w.end_object();
  return pretty_json(out) + '\n';
}

}  // namespace vetset
