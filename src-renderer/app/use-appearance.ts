import { watchEffect } from 'vue';
import { useI18n } from 'vue-i18n';
import { usePreferredDark } from '@vueuse/core';
import { systemLocale } from '#renderer/i18n/catalogues';
import { usePreferencesStore, type Contrast, type Language, type Theme } from '#renderer/stores/preferences';

/** Keeps theme, contrast and language of the page as the preferences say, or as the system does. */
export function useAppearance(): void {
  const preferences = usePreferencesStore();
  const prefersDark = usePreferredDark();
  const { locale } = useI18n({ useScope: 'global' });

  watchEffect(() => {
    const theme = preferences.get<Theme>('theme', 'system');
    const language = preferences.get<Language>('language', 'system');
    paint(
      theme === 'system' ? (prefersDark.value ? 'dark' : 'light') : theme,
      preferences.get<Contrast>('contrast', 'normal'),
    );
    locale.value = language === 'system' ? systemLocale(navigator.languages) : language;
    document.documentElement.lang = locale.value === 'zh' ? 'zh-Hans' : 'en';
  });
}

/** Every colour changes at once: what would fade from the old theme is told not to. */
function paint(theme: 'light' | 'dark', contrast: Contrast): void {
  const { documentElement } = document;
  const { dataset } = documentElement;
  dataset['switching'] = '';
  dataset['theme'] = theme;
  dataset['contrast'] = contrast;
  // Asking for a style makes the new colours take effect while nothing fades.
  void getComputedStyle(documentElement).colorScheme;
  delete dataset['switching'];
}
