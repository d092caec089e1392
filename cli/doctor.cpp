// vetset doctor: why a machine will not run a model, or slowly, and what to do about it.
#include "cli/command.h"
#include "vetset/base/unicode.h"
#include "vetset/vetset_doctor.h"

namespace vetset::cli {
namespace {

struct DoctorFlags {
  DoctorRequest request;
  bool describe = false, notes = false, json = false;
};

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string processors_text(const Machine& m) {
  if (m.cpus == 0) return {};
  const unsigned granted = m.cpus_granted();
  const std::string all = counted(m.cpus, "processor");
  return granted < m.cpus ? std::to_string(granted) + " of " + all : all;
}

void print_machine(Terminal& t, const Machine& m) {
  std::vector<std::string> words;
  for (const std::string& word :
       {m.system, m.libc.empty() ? m.libc : m.libc + " " + to_string(m.libc_version), m.cpu_text(), processors_text(m)})
    if (!word.empty()) words.push_back(printable(word));
  const std::uint64_t memory = m.memory_limit > 0 ? m.memory_limit : m.memory;
  if (memory > 0) words.push_back(byte_size(memory));
  if (!m.container.empty()) words.push_back(printable(m.container));
  t.out("machine   " + (words.empty() ? "nothing is known of it" : listed(words)) + "\n");
  std::vector<std::string> gpus;
  for (const Gpu& gpu : m.gpus)
    gpus.push_back(printable(gpu.name) +
                   (gpu.arch != 0 ? (gpu.name.empty() ? "sm_" : " sm_") + std::to_string(gpu.arch) : ""));
  if (m.driver) gpus.push_back("driver " + driver_text(m.driver));
  t.out("gpu       " + (gpus.empty() ? std::string("none seen") : listed(gpus)) + "\n");
}

void print_runtimes(Terminal& t, const DoctorReport& report) {
  for (const PythonEnvironment& e : report.environments)
    t.out("python    " + printable(e.prefix) + ", " + counted(e.packages.size(), "package") + "\n");
  for (const RuntimeFound& r : report.runtimes) {
    std::string providers;
    for (const ProviderState& p : r.providers)
      providers += (providers.empty() ? "" : ", ") + (p.loads ? p.name : t.ink(Ink::yellow, p.name + " cannot load"));
    t.out("runtime   " + (r.package.empty() ? std::string("ONNX Runtime") : printable(r.package)) + " " +
          to_string(r.version) + (r.cuda != 0 ? " for CUDA " + std::to_string(r.cuda) : "") + ": " + providers + "\n");
    t.out(t.ink(Ink::dim, "          " + printable(r.library)) + "\n");
  }
  if (report.runtimes.empty()) t.out("runtime   no ONNX Runtime was found; 'pip install onnxruntime' brings one\n");
}

void print_lines(Terminal& t, const DoctorReport& report, bool notes) {
  for (const DoctorLine& line : report.lines) {
    if (line.grade == DoctorGrade::note && !notes) continue;
    const Ink ink = line.grade == DoctorGrade::broken     ? Ink::red
                    : line.grade == DoctorGrade::degraded ? Ink::yellow
                                                          : Ink::cyan;
    t.out("\n" + t.ink(ink, padded(name(line.grade), 10)) +
          wrapped(printable(line.cause) + "  [" + line.check + "]", 10, t.width()));
    if (!line.cure.empty()) t.out("          fix: " + t.ink(Ink::bold, printable(line.cure)) + "\n");
  }
}

int run_doctor(Terminal& t, const DoctorFlags& f) {
  const auto report = doctor(f.request);
  if (!report) {
    t.fail(report.error());
    return 3;
  }
  if (f.describe) {
    t.out(to_profile(report->machine));
    return 0;
  }
  const int status = report->grade == DoctorGrade::broken ? 2 : report->grade == DoctorGrade::degraded ? 1 : 0;
  if (f.json) {
    t.out(to_json(*report));
    return status;
  }
  print_machine(t, report->machine);
  print_runtimes(t, *report);
  print_lines(t, *report, f.notes);
  std::size_t broken = 0, degraded = 0, notes = 0;
  for (const DoctorLine& line : report->lines)
    ++(line.grade == DoctorGrade::broken ? broken : line.grade == DoctorGrade::degraded ? degraded : notes);
  std::string verdict = status == 0 ? t.ink(Ink::green, "fine")
                                    : std::to_string(broken) + " broken, " + std::to_string(degraded) + " degraded";
  verdict += ", " + counted(report->looked.size(), "check");
  if (notes > 0 && !f.notes)
    verdict += ", " + counted(notes, "note") + " (--notes shows " + (notes == 1 ? "it)" : "them)");
  t.out("\n" + verdict + "\n");
  return status;
}

constexpr Example doctor_examples[] = {
    {"vetset doctor", "this machine"},
    {"vetset doctor --model best.onnx --provider cuda", "will this model run here, on the GPU?"},
    {"vetset doctor --root /mnt/image", "an unpacked container or a mounted disk"},
    {"vetset doctor --describe > edge.json", "there; then here: vetset doctor --target edge.json"},
};

}  // namespace

extern const Command doctor_command;
const Command doctor_command{
    .name = "doctor",
    .summary = "say why a machine will not run a model, and what to do about it",
    .about =
        "Looks at files only: starts nothing and loads no runtime, so it works for another machine's disk and for a "
        "machine that is merely described. Exit: 0 fine, 1 degraded (works, slower), 2 broken, 3 could not look.",
    .examples = doctor_examples,
    .first = false,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<DoctorFlags>();
      a.list("--model", f->request.models, "FILES", "ONNX files or TensorRT engines that are to run")
          .list("--provider", f->request.providers, "LIST",
                "providers that must work, as cuda,tensorrt; without: slower is degraded, not broken")
          .option("--root", f->request.root, "FOLDER", "another machine's root: a mounted disk, an unpacked image")
          .option("--target", f->request.target, "FILE", "judge for the machine of this profile, or for a GPU: sm_120")
          .list("--site", f->request.sites, "FOLDERS", "Python environments to look at; without: those that are found")
          .list("--env", f->request.environment, "NAME=VALUE", "variables that hold there, such as LD_LIBRARY_PATH")
          .flag("--describe", f->describe, "print the machine's profile, for --target elsewhere")
          .flag("--notes", f->notes, "show notes, too")
          .flag("--json", f->json, "print JSON");
      return [f](Terminal& t) { return run_doctor(t, *f); };
    }};

}  // namespace vetset::cli
