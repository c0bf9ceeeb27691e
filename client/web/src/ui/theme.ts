// Dark or light: the system's wish until someone chooses.
import { byId } from './dom.ts';

const KEY = 'farlook.theme';

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage may be forbidden
  }
}

export function startTheme(changed: () => void): void {
  const system = matchMedia('(prefers-color-scheme: light)');
  const button = byId('theme');
  const apply = (): void => {
    const theme = remembered() ?? (system.matches ? 'light' : 'dark');
    document.documentElement.dataset['theme'] = theme;
    button.setAttribute('aria-label', theme === 'light' ? 'Dark theme' : 'Light theme');
    button.title = button.getAttribute('aria-label') ?? '';
    changed();
  };
  system.addEventListener('change', apply);
  button.addEventListener('click', () => {
    const next = document.documentElement.dataset['theme'] === 'light' ? 'dark' : 'light';
    try {
      localStorage.setItem(KEY, next);
    } catch {
      document.documentElement.dataset['theme'] = next;
      return changed();
    }
    apply();
  });
  apply();
}
