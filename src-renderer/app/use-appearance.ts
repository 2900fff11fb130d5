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
    const { dataset } = document.documentElement;
    dataset['theme'] = theme === 'system' ? (prefersDark.value ? 'dark' : 'light') : theme;
    dataset['contrast'] = preferences.get<Contrast>('contrast', 'normal');
    locale.value = language === 'system' ? systemLocale(navigator.languages) : language;
    document.documentElement.lang = locale.value === 'zh' ? 'zh-Hans' : 'en';
  });
}
