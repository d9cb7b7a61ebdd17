/**
 * Makes the parts of the package that are not in the repository: types/ and dist/. `npm run build` runs this with `tsc`
 * and `esbuild` on its PATH, where `npm ci` in the folder above installs them.
 */

import { execSync } from "node:child_process";
import { copyFileSync, rmSync } from "node:fs";

const PACKAGE = new URL("./", import.meta.url);
/** The file for a plain `<script>`; its exports are members of the global `cameraSidecar`. */
const SCRIPT = "esbuild src/index.js --bundle --minify --format=iife --global-name=cameraSidecar --target=es2022";

/** @param {string} command */
function run(command) {
  execSync(command, { cwd: PACKAGE, stdio: ["ignore", "inherit", "inherit"] });
}

for (const folder of ["types", "dist"]) rmSync(new URL(folder, PACKAGE), { recursive: true, force: true });
run("tsc --project tsconfig.json");
copyFileSync(new URL("src/contract.d.ts", PACKAGE), new URL("types/contract.d.ts", PACKAGE)); // tsc copies no .d.ts
run(`${SCRIPT} --log-level=warning --outfile=dist/camera-sidecar.iife.js`);
