# Writes OUT, a C++ file that holds the style and the script of HTML reports (vetset/check/report/report.css, report.js):
# there is one copy of them, readable as what they are.
file(READ "${DIR}/report.css" style)
file(READ "${DIR}/report.js" script)
set(text "// Made from report.css and report.js by cmake/report_assets.cmake.\n#include \"vetset/check/report/html_parts.h\"\n\nnamespace vetset {\n\n")
string(APPEND text "std::string_view report_style() { return R\"__asset__(${style})__asset__\"; }\n\n")
string(APPEND text "std::string_view report_script() { return R\"__asset__(${script})__asset__\"; }\n\n}  // namespace vetset\n")
file(WRITE "${OUT}" "${text}")
