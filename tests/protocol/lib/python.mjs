// A Python with NumPy, for tests that check against another implementation; Debian's has it, one
// that comes first in PATH may not. Undefined where there is none.
import { execFileSync } from "node:child_process";

export const python = ["/usr/bin/python3", "python3"].find((each) => {
  try { execFileSync(each, ["-c", "import numpy"], { stdio: "ignore" }); return true; } catch { return false; }
});
